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

new Cron('* * * * * *', { protect: true, catch: (error) => app.log.error(error) }, reindex)

await app.listen({ port: Number(PORT) })
