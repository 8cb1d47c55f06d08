import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'bullmq'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const { PORT = 3000, NAME = 'orders', REDIS_URL = 'redis://localhost:6379' } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

async function charge(job) {
  app.log.info(`job ${job.id} begins`)
  await sleep(1_000)
}

new Worker(NAME, charge, { connection: { url: REDIS_URL }, concurrency: 5 })

await app.listen({ port: Number(PORT) })
