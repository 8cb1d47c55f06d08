import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)

app.get('/slow', () => sleep(1_000, 'done'))

await app.listen({ port: Number(process.env.PORT ?? 3000) })
