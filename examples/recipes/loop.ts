import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify()
await app.register(lifecycle)
app.onShutdown('db', () => console.log('the database is closed'))
await app.ready()

async function reindex(): Promise<void> {
  console.log('the iteration begins')
  process.kill(process.pid, 'SIGTERM') // for this example: the signal comes in the middle
  await sleep(200)
  console.log('the iteration is done')
}

const { signal } = app.lifecycle
while (!signal.aborted) {
  // The drain waits for the iteration that is under way.
  await app.lifecycle.track(reindex, 'reindex')
  // The pause ends when the shutdown begins.
  await sleep(60_000, undefined, { signal }).catch(() => {})
}
