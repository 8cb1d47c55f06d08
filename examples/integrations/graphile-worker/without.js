import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { run } from 'graphile-worker'

const { PORT = 3000, NAME = 'orders', DATABASE_URL = 'postgres://postgres:postgres@localhost' } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

async function charge({ id }) {
  app.log.info(`job ${id} begins`)
  await sleep(1_000)
}

await run({
  connectionString: DATABASE_URL,
  schema: NAME.replaceAll('-', '_'),
  concurrency: 5,
  taskList: { charge }
})

await app.listen({ port: Number(PORT) })
