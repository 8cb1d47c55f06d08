import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle, { deadline: 3_000 })

app.onShutdown('outbox', function compress() {
  for (;;) {
    // Never yields to the event loop.
  }
})

await app.listen({ port: 0 })
process.kill(process.pid, 'SIGTERM')
