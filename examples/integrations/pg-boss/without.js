import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { PgBoss } from 'pg-boss'

const { PORT = 3000, NAME = 'orders', DATABASE_URL = 'postgres://postgres:postgres@localhost' } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

async function charge(job) {
  app.log.info(`job ${job.id} begins`)
  await sleep(1_000)
}

const boss = new PgBoss({ connectionString: DATABASE_URL, schema: NAME.replaceAll('-', '_') })
boss.on('error', (error) => app.log.error(error))
await boss.start()
await boss.createQueue(NAME)
const run = ([job]) => charge(job)
for (let workers = 0; workers < 5; workers++) await boss.work(NAME, { pollingIntervalSeconds: 0.5 }, run)

await app.listen({ port: Number(PORT) })
