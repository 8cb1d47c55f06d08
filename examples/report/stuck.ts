import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { formatReport } from 'fastify-lifecycle/report'

const app = Fastify()
await app.register(lifecycle, { deadline: 2_000, drainTimeout: 400 })

app.get('/orders/:id', () => new Promise(() => {}))
app.lifecycle.track(new Promise(() => {}), 'reindex')
app.onShutdown('db', () => sleep(80))
app.onShutdown('outbox', { timeout: 300 }, () => new Promise(() => {}))

app.lifecycle.on('report', (report) => console.log(formatReport(report)))
const address = await app.listen({ port: 0 })
fetch(`${address}/orders/7`).catch(() => {})
await sleep(100)
process.kill(process.pid, 'SIGTERM')
