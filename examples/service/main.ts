import { buildService } from './app.ts'
import { settingsFrom } from './settings.ts'

const app = await buildService(settingsFrom(process.env))
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
