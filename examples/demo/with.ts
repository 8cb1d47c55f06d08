import lifecycle from 'fastify-lifecycle'
import { ordersApp, where, work } from './orders.ts'

// The same app with the plugin, and with a shutdown hook in each phase.

const app = ordersApp()
await app.register(lifecycle, { lameDuck: 2_000, log: { report: 'full' } })
app
  .onShutdown('queue consumer', { phase: 'lameDuck' }, () => work(700, 900))
  .onShutdown('outbox', { phase: 'draining' }, () => work(400, 500))
  .onShutdown('db', () => work(120, 180))
await app.listen(where)
