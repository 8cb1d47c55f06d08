import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)

await app.listen({ port: 0 })
void Promise.reject(new Error('nobody awaits this promise'))
