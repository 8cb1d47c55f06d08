import Fastify, { type FastifyInstance } from 'fastify'
import lifecycle from '../index.ts'
import type { Variant } from './variants.ts'

/** Besides the one that is asked for: the router takes a shortcut for an app that has only one, which no real app is. */
const otherRoutes = ['/about', '/orders', '/orders/:id', '/users', '/users/:id']

/** The app of each variant, which does as little as an app can, so that what a plugin adds weighs most. */
export async function helloWorld(variant: Variant): Promise<FastifyInstance> {
  const app = Fastify({ logger: false })
  if (variant === 'plugin') await app.register(lifecycle)
  for (const path of ['/', ...otherRoutes]) {
    app.get(path, (_request, reply) => {
      reply.send({ ok: true })
    })
  }
  return app
}
