import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)
app.onShutdown('db', () => {})

// Somewhere in a dependency:
process.on('SIGTERM', () => process.exit(0))

await app.listen({ port: 0 })
process.kill(process.pid, 'SIGTERM')
