import { once } from 'node:events'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle, { drainTimeout: 300 })
app.get('/orders/:id', () => new Promise(() => {}))

const address = await app.listen({ port: 0 })
const arrived = once(app.server, 'request')
fetch(`${address}/orders/7`).catch(() => {})
await arrived
process.kill(process.pid, 'SIGTERM')
