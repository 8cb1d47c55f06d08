import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { reportToSVG } from 'fastify-lifecycle/report'

const app = Fastify()
await app.register(lifecycle)

app.onShutdown('db', () => sleep(100))
app.onShutdown('metrics', { dependsOn: [] }, () => sleep(250))
app.onShutdown('cache', { dependsOn: ['db'] }, () => sleep(150))
app.onShutdown('outbox', { dependsOn: ['db'], timeout: 300 }, () => new Promise(() => {}))

app.lifecycle.on('report', (report) => process.stdout.write(reportToSVG(report)))
await app.listen({ port: 0 })
await app.lifecycle.shutdown('the example is over')
