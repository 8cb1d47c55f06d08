import Fastify, { type FastifyInstance } from 'fastify'
import lifecycle from 'fastify-lifecycle'

/** What the service needs; a test gives it other ones. */
export interface Resources {
  readonly consumer: { stop: () => Promise<void> }
  readonly outbox: { flush: (signal: AbortSignal) => Promise<void> }
  readonly db: { insert: (order: unknown) => Promise<void>; end: () => Promise<void> }
}

/** The service as production runs it: nothing in it knows of tests. */
export async function build({ consumer, outbox, db }: Resources): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(lifecycle, { deadline: 25_000, lameDuck: 5_000 })

  app.onShutdown('consumer', { phase: 'lameDuck' }, () => consumer.stop())
  app.onShutdown('db', () => db.end())
  app.onShutdown('outbox', { dependsOn: ['db'] }, ({ signal }) => outbox.flush(signal))

  app.post('/orders', async (request, reply) => {
    await db.insert(request.body)
    return reply.code(201).send()
  })
  return app
}
