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

// The drain waits for each job as for a request.
const run = (job) => app.lifecycle.track(() => charge(job), `job ${job.id}`)
const worker = new Worker(NAME, run, { connection: { url: REDIS_URL }, concurrency: 5 })

// `true`: it stops fetching, and does not wait for the jobs.
app.onShutdown('no more jobs', { phase: 'lameDuck' }, () => worker.pause(true))
app.onShutdown('worker', () => worker.close())

await app.listen({ port: Number(PORT) })
