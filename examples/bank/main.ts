import { makeBank } from './app.ts'
import { settingsFrom } from './settings.ts'

// npm run demo -- bank: a bank on port 3000. Ctrl-C shuts it down.
//
//   curl -d '{"payer": 1, "payee": 2, "amount": 5}' -H 'content-type: application/json' \
//     -X PUT localhost:3000/transfers/6f1c1d2e-0000-4000-8000-000000000001

const bank = await makeBank(settingsFrom(process.env))
await bank.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
