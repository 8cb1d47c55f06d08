import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)
app.onShutdown('outbox', { timeout: 300 }, () => new Promise(() => {}))

await app.listen({ port: 0 })
process.kill(process.pid, 'SIGTERM')
