import Fastify, { type FastifyInstance } from 'fastify'
import lifecycle from '../index.ts'
import type { Variant } from './variants.ts'

/** The app of each variant, which does as little as an app can, so that what a plugin adds weighs most. */
export async function helloWorld(variant: Variant): Promise<FastifyInstance> {
  const app = Fastify({ logger: false })
  if (variant === 'plugin') await app.register(lifecycle)
  app.get('/', (_request, reply) => {
    reply.send({ ok: true })
  })
  return app
}
