import { setTimeout as sleep } from 'node:timers/promises'
import Fastify, { type FastifyInstance, LogController } from 'fastify'

/** An ordinary app: an order to look at, and a checkout that takes longer. It logs to stdout, but not each request. */
export function ordersApp(): FastifyInstance {
  const app = Fastify({ logger: true, logController: new LogController({ disableRequestLogging: true }) })
  app.get('/orders/:id', async (request) => {
    await work(5, 20)
    return { ...(request.params as object), state: 'shipped' }
  })
  app.get('/checkout', async () => {
    await work(50, 100)
    return { state: 'paid' }
  })
  return app
}

/** Where the drill expects the app. */
export const where = { host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3_000) }

/** Stands for a query: it takes between `min` and `max` ms. */
export function work(min: number, max: number): Promise<void> {
  return sleep(min + Math.random() * (max - min))
}
