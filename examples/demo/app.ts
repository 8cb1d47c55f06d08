import { setTimeout as sleep } from 'node:timers/promises'
import Fastify, { LogController } from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { tell } from './messages.ts'

// An ordinary app: two routes, shutdown hooks in each phase, and its log on stdout.

const logController = new LogController({ disableRequestLogging: true })
const app = Fastify({ logger: true, logController })

await app.register(lifecycle, { deadline: 10_000, lameDuck: 2_000 })

app.get('/orders/:id', async (request) => {
  await work(5, 20)
  return { ...(request.params as object), state: 'shipped' }
})

app.post('/orders', async (request) => {
  await work(20, 50)
  return { placed: request.body }
})

app
  .onShutdown('queue consumer', { phase: 'lameDuck' }, () => work(700, 900))
  .onShutdown('outbox', { phase: 'draining' }, () => work(400, 500))
  .onShutdown('db', () => work(120, 180))
  .onShutdown('metrics', () => work(30, 60))

/** Stands for a query, or for whatever else takes its time: so many ms. */
function work(min: number, max: number): Promise<void> {
  return sleep(min + Math.random() * (max - min))
}

// What follows is there for the demo to watch.

app.lifecycle.on('phase', ({ phase }) => tell({ phase }))
setInterval(() => tell({ inFlight: app.lifecycle.inFlight }), 50).unref()
process.once('disconnect', () => process.exit(1))

await app.listen({ host: '127.0.0.1', port: 0 })
tell({ port: (app.server.address() as { port: number }).port })
