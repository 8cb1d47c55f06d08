import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { createClient } from 'redis'

const { PORT = 3000, NAME = 'orders', REDIS_URL = 'redis://localhost:6379' } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

const redis = createClient({ url: REDIS_URL })
// Without a listener a broken connection is a crash. The client connects again by itself.
redis.on('error', (error) => app.log.warn(error, 'the connection to Redis broke'))
await redis.connect()
process.on('SIGTERM', () => redis.close())

app.get('/slow', async () => {
  await redis.incr(NAME)
  await sleep(1_000)
  await redis.decr(NAME)
  return 'done'
})

await app.listen({ port: Number(PORT) })
