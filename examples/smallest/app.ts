import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)
app.get('/', async () => ({ hello: 'world' }))
app.onShutdown('goodbye', ({ log }) => log.info('goodbye'))
await app.listen({ port: 3000 }) // in a container: { port: 3000, host: '0.0.0.0' }
