import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import pm2 from 'fastify-lifecycle/pm2'

const app = Fastify({ logger: true })
await app.register(lifecycle)
await app.register(pm2)

app.get('/', async () => ({ pid: process.pid }))

// PM2's reload waits for this before it stops the process that this one replaces.
const release = app.lifecycle.hold('warm-up')
app.addHook('onListen', async () => {
  // Fill caches here.
  release()
})

await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '0.0.0.0' })
