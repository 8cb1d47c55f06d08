import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { formatReport } from 'fastify-lifecycle/report'

const app = Fastify()
await app.register(lifecycle, { deadline: 5_000 })

app.onShutdown('db', () => sleep(50))
app.onShutdown('outbox', { timeout: 300 }, () => new Promise(() => {}))
app.onShutdown('mails', async () => {
  throw new Error('the mail server is away')
})

app.lifecycle.on('report', (report) => console.log(formatReport(report)))
await app.listen({ port: 0 })
await app.lifecycle.shutdown()
