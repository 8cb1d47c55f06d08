import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle, { deadline: 9_000 })
app.onShutdown('outbox', () => sleep(4_000))

await app.listen({ port: 0 })
process.kill(process.pid, 'SIGTERM')

// Stands for a platform whose grace period is shorter than the deadline.
await sleep(500)
process.kill(process.pid, 'SIGKILL')
