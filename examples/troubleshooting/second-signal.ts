import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)
app.onShutdown('outbox', () => sleep(4_000))

await app.listen({ port: 0 })
process.kill(process.pid, 'SIGINT')
await sleep(1_000)
process.kill(process.pid, 'SIGINT')
