import { setTimeout as sleep } from 'node:timers/promises'
import { Cron } from 'croner'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const { PORT = 3000 } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

async function reindex() {
  app.log.info('the task begins')
  await sleep(1_000)
  app.log.info('the task is done')
}

// The drain waits for the task under way. `catch`: a task that fails is logged, and is no crash.
const run = () => app.lifecycle.track(reindex, 'reindex')
const job = new Cron('* * * * * *', { protect: true, catch: (error) => app.log.error(error) }, run)

app.onShutdown('cron', { phase: 'lameDuck' }, () => job.stop())

await app.listen({ port: Number(PORT) })
