import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import systemd from 'fastify-lifecycle/systemd'

const app = Fastify({ logger: true })
await app.register(lifecycle)
await app.register(systemd)

app.get('/', async () => ({ hello: 'world' }))

// systemd has not started this service before the cache is filled.
const release = app.lifecycle.hold('warm-up')
app.addHook('onListen', async () => {
  // Fill caches here.
  release()
})

await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' })
