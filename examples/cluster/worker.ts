import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import cluster from 'fastify-lifecycle/cluster'

const app = Fastify({ logger: true })
await app.register(lifecycle)
await app.register(cluster)

app.get('/', async () => ({ pid: process.pid }))

await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '0.0.0.0' })
