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

// The drain waits for the task under way. A task that fails is logged, and is no crash.
const run = () => app.lifecycle.track(reindex, 'reindex')
const task = new AsyncTask('reindex', run, (error) => app.log.error(error))
const job = new SimpleIntervalJob({ seconds: 2, runImmediately: true }, task, { preventOverrun: true })

app.onShutdown('schedule', { phase: 'lameDuck' }, () => job.stop())

await app.listen({ port: Number(PORT) })
app.scheduler.addSimpleIntervalJob(job)
