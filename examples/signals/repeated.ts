import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle, { lameDuck: 5_000 })
app.onShutdown('outbox', () => sleep(300))

await app.listen({ port: 0 })
process.kill(process.pid, 'SIGTERM')
await sleep(600)
process.kill(process.pid, 'SIGTERM') // a platform repeats it
await sleep(600)
process.kill(process.pid, 'SIGINT') // somebody presses Ctrl-C
