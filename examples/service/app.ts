import cors from '@fastify/cors'
import jwt from '@fastify/jwt'
import { fastifySSE } from '@fastify/sse'
import swagger from '@fastify/swagger'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { confirmations } from './confirmations.ts'
import { database } from './database.ts'
import { news } from './news.ts'
import { orders } from './orders.ts'
import { prices } from './prices.ts'
import { sessions } from './sessions.ts'
import type { Settings } from './settings.ts'

/** The service, put together. Each plugin says itself how it stops. */
export async function buildService(settings: Settings): Promise<FastifyInstance> {
  const app = Fastify({ logger: true })

  // Before the lifecycle, so that the probes are described, too.
  await app.register(swagger, { openapi: { info: { title: 'Orders', version: '1.0.0' } } })
  await app.register(lifecycle, { lameDuck: settings.lameDuck, health: { details: true, openapi: true } })
  await app.register(cors, { origin: true })
  await app.register(jwt, { secret: settings.secret })
  await app.register(websocket)
  await app.register(fastifySSE)

  await app.register(database, settings)
  await app.register(confirmations)
  await app.register(prices)
  await app.register(news)
  await app.register(sessions)
  await app.register(orders)
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
  return app
}
