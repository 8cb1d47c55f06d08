import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { formatReport } from 'fastify-lifecycle/report'

const app = Fastify()
await app.register(lifecycle)

app.onShutdown('orders consumer', { phase: 'lameDuck' }, () => sleep(150))
app.onShutdown('outbox', { dependsOn: ['db', 'broker'] }, () => sleep(200))
app.onShutdown('cache', { dependsOn: ['db'] }, () => sleep(100))
app.onShutdown('metrics', { dependsOn: [] }, () => sleep(300))
app.onShutdown('db', () => sleep(100))
app.onShutdown('broker', { dependsOn: [] }, () => sleep(150))

app.lifecycle.on('report', (report) => console.log(formatReport(report)))
await app.listen({ port: 0 })
await app.lifecycle.shutdown('the example is over')
