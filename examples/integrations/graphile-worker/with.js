import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { run } from 'graphile-worker'
import pg from 'pg'

const { PORT = 3000, NAME = 'orders', DATABASE_URL = 'postgres://postgres:postgres@localhost' } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

async function charge({ id }) {
  app.log.info(`job ${id} begins`)
  await sleep(1_000)
}

const pool = new pg.Pool({ connectionString: DATABASE_URL })
const runner = await run({
  pgPool: pool,
  schema: NAME.replaceAll('-', '_'),
  concurrency: 5,
  taskList: { charge },
  // It would stop at SIGTERM by itself, and then send SIGTERM again.
  noHandleSignals: true
})

// It stops fetching, and the drain waits for the jobs under way.
app.onShutdown('no more jobs', { phase: 'lameDuck' }, () => {
  void app.lifecycle.track(runner.stop(), 'jobs')
})
// The last jobs are marked as done after `stop` has resolved: only the end of the pool waits for that.
app.onShutdown('db', () => pool.end())

await app.listen({ port: Number(PORT) })
