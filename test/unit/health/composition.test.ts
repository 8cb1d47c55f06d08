import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import autoload from '@fastify/autoload'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import jwt from '@fastify/jwt'
import middie from '@fastify/middie'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import underPressure from '@fastify/under-pressure'
import Fastify, { type FastifyInstance } from 'fastify'
import lifecycle, { type LifecycleOptions } from '../../../index.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request } from '../../support/client.ts'
import { makeApp, portOf } from '../../support/in-process.ts'

// The probes beside what apps are made of, each as its own documentation sets it up: what keeps
// others out must not keep out the prober.

/** An app with something that stands before every route. */
async function appBehind(
  t: TestContext,
  barrier: (app: FastifyInstance) => unknown,
  options: LifecycleOptions = {}
): Promise<{ app: FastifyInstance; status(path: string): Promise<number | undefined> }> {
  const app = await makeApp(t, options)
  await barrier(app)
  app.get('/', async () => 'ok')
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, status: async (path) => (await request(portOf(app), path)).status }
}

describe('the probes are answered', () => {
  const barriers: readonly [name: string, barrier: (app: FastifyInstance) => unknown, refused: number][] = [
    [
      '@fastify/under-pressure under pressure',
      (app) => app.register(underPressure, { healthCheck: async () => false, healthCheckInterval: 60_000 }),
      503
    ],
    [
      '@fastify/rate-limit where the limit is reached',
      (app) => app.register(rateLimit, { max: 0, timeWindow: '1 hour' }),
      429
    ],
    [
      '@fastify/jwt without a token',
      async (app) => {
        await app.register(jwt, { secret: 'a secret for a test' })
        app.addHook('onRequest', (request) => request.jwtVerify())
      },
      401
    ],
    [
      '@fastify/middie with a middleware that refuses',
      async (app) => {
        await app.register(middie)
        app.use((_request: IncomingMessage, response: ServerResponse) => {
          response.statusCode = 403
          response.end()
        })
      },
      403
    ]
  ]
  for (const [name, barrier, refused] of barriers) {
    test(`behind ${name}`, async (t) => {
      const { status } = await appBehind(t, barrier)
      assert.equal(await status('/'), refused)
      for (let count = 0; count < 3; count++) {
        assert.deepEqual([await status('/livez'), await status('/readyz')], [200, 200])
      }
    })
  }

  for (const [name, plugin] of [
    ['@fastify/cors', cors],
    ['@fastify/helmet', helmet]
  ] as const) {
    test(`beside ${name}`, async (t) => {
      const { status } = await appBehind(t, (app) => app.register(plugin as typeof cors))
      assert.deepEqual([await status('/'), await status('/livez'), await status('/readyz')], [200, 200, 200])
    })
  }

  test('beside plugins of @fastify/autoload, which bring checks and hooks of their own', async (t) => {
    const dir = fileURLToPath(new URL('../../fixtures/autoloaded/', import.meta.url))
    const { app, status } = await appBehind(t, (app) => app.register(autoload, { dir }), {
      health: { details: true }
    })
    assert.equal(await status('/orders'), 200)
    const { body } = await request(portOf(app), '/readyz')
    assert.deepEqual(JSON.parse(body).checks, { orders: { state: 'ok', critical: true } })
    await app.close()
    assert.deepEqual(
      app.lifecycle.report?.hooks.map(({ name }) => name),
      ['orders']
    )
  })
})

describe('in OpenAPI', () => {
  for (const [openapi, paths] of [
    [false, ['/']],
    [true, ['/', '/livez', '/readyz']]
  ] as const) {
    test(`the probes are ${openapi ? 'described where that is asked for' : 'hidden'}`, async (t) => {
      const app = Fastify()
      cleanup(t, () => app.close())
      // It sees the routes that are made after it.
      await app.register(swagger, { openapi: {} })
      await app.register(lifecycle, { signals: false, exit: false, health: openapi ? { openapi } : {} })
      app.get('/', async () => 'ok')
      await app.ready()
      assert.deepEqual(Object.keys(app.swagger().paths ?? {}).sort(), [...paths].sort())
    })
  }
})
