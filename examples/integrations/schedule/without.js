import { setTimeout as sleep } from 'node:timers/promises'
import schedule from '@fastify/schedule'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { AsyncTask, SimpleIntervalJob } from 'toad-scheduler'

const { PORT = 3000 } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)
await app.register(schedule)

async function reindex() {
  app.log.info('the task begins')
  await sleep(1_000)
  app.log.info('the task is done')
}

const task = new AsyncTask('reindex', reindex, (error) => app.log.error(error))
const job = new SimpleIntervalJob({ seconds: 2, runImmediately: true }, task, { preventOverrun: true })

await app.listen({ port: Number(PORT) })
app.scheduler.addSimpleIntervalJob(job)
