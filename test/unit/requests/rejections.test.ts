import assert from 'node:assert/strict'
import { once } from 'node:events'
import http2 from 'node:http2'
import { describe, type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import sensible from '@fastify/sensible'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import lifecycle from '../../../index.ts'
import { cleanup } from '../../support/cleanup.ts'
import { type RequestSetup, request } from '../../support/client.ts'
import { holdDrain, makeApp, portOf } from '../../support/in-process.ts'
import { aLongTime } from '../../support/in-time.ts'

// A rejection is an answer: whatever an app does with its errors, nobody takes it for one.

type Handler = (error: Error, request: FastifyRequest, reply: FastifyReply) => unknown

/** Error handlers of every shape that apps have. */
const errorHandlers: Readonly<Record<string, Handler>> = {
  'makes a 500 of what it does not know': (error, _request, reply) => {
    const { statusCode = 500 } = error as { statusCode?: number }
    return reply.code(statusCode < 500 ? statusCode : 500).send({ message: 'internal' })
  },
  'is async, and returns a body': async (_error, _request, reply) => {
    reply.code(500)
    return { message: 'internal' }
  },
  'sends later': (_error, _request, reply) => {
    setImmediate(() => reply.code(500).send('internal'))
  },
  throws: (error) => {
    throw error
  },
  'throws another error': () => {
    throw new Error('from the error handler')
  },
  rejects: async () => {
    throw new Error('from the error handler')
  },
  hijacks: (_error, _request, reply) => {
    reply.hijack()
    reply.raw.writeHead(500).end('internal')
  },
  redirects: (_error, _request, reply) => reply.redirect('/error'),
  'sets the status by hand': (_error, _request, reply) => {
    reply.raw.statusCode = 500
    return reply.send('internal')
  },
  'destroys the connection': (_error, _request, reply) => reply.raw.destroy()
}

/** The 503 as it must be. */
async function rejected(app: FastifyInstance, path = '/', setup: RequestSetup = {}) {
  const { status, headers, body } = await request(portOf(app), path, setup)
  assert.equal(status, 503)
  assert.match(String(headers['retry-after']), /^[1-5]$/)
  assert.equal(headers.connection, 'close')
  if (setup.method !== 'HEAD' && headers['content-encoding'] === undefined) {
    assert.equal(JSON.parse(body).code, 'FST_LIFECYCLE_DRAINING')
  }
  return { headers, body }
}

/** Ends the drain, and sees that nothing went wrong. */
async function over(app: FastifyInstance, release: () => Promise<unknown>, count: number): Promise<void> {
  await release()
  const { requests, outcome } = app.lifecycle.report ?? {}
  assert.deepEqual([requests?.rejected, requests?.cut, outcome], [count, [], 'clean'])
}

describe('a rejection is none of the business of an error handler', () => {
  for (const [what, handler] of Object.entries(errorHandlers)) {
    for (const where of ['at the root', 'in a plugin', 'on the route'] as const) {
      test(`that ${what}, ${where}`, async (t) => {
        const lines: { level: number }[] = []
        const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
        const app = await makeApp(t, {}, { logger: { stream } })
        const seen: unknown[] = []
        const errorHandler: Handler = function (this: unknown, error, incoming, reply) {
          seen.push(error)
          return handler.call(this, error, incoming, reply)
        }
        app.addHook('onError', async (_request, _reply, error) => void seen.push(error))
        if (where === 'at the root') app.setErrorHandler(errorHandler)
        await app.register(async (child) => {
          if (where === 'in a plugin') child.setErrorHandler(errorHandler)
          child.get(
            '/',
            where === 'on the route' ? { errorHandler: errorHandler as never } : {},
            async () => {}
          )
        })
        const release = await holdDrain(t, app)
        await rejected(app)
        assert.deepEqual(seen, [])
        await over(app, release, 1)
        assert.deepEqual(
          lines.filter(({ level }) => level >= 50),
          []
        )
      })
    }
  }
})

const origin = 'https://example.org'

/** An app with some plugins before the lifecycle, and some behind it. */
async function appWith(t: TestContext, ...plugins: ((app: FastifyInstance) => unknown)[]) {
  const app = Fastify()
  cleanup(t, () => app.close().catch(() => {}))
  for (const plugin of plugins) await plugin(app)
  app.get('/', async () => 'ok')
  return app
}

const ours = (app: FastifyInstance) =>
  app.register(lifecycle, { signals: false, exit: false, deadline: aLongTime })

const plugins: Readonly<
  Record<
    string,
    { add(app: FastifyInstance): unknown; look(found: Awaited<ReturnType<typeof rejected>>): void }
  >
> = {
  '@fastify/cors': {
    add: (app) => app.register(cors, { origin }),
    look: ({ headers }) => assert.equal(headers['access-control-allow-origin'], origin)
  },
  '@fastify/helmet': {
    add: (app) => app.register(helmet),
    look: ({ headers }) => assert.ok(headers['content-security-policy'])
  },
  '@fastify/sensible': {
    add: (app) => app.register(sensible),
    look: ({ body }) => assert.match(body, /FST_LIFECYCLE_DRAINING/)
  },
  '@fastify/compress': {
    add: (app) => app.register(compress, { threshold: 0 }),
    look({ headers, body }) {
      assert.equal(headers['content-encoding'], 'gzip')
      const { code } = JSON.parse(gunzipSync(Buffer.from(body, 'latin1')).toString())
      assert.equal(code, 'FST_LIFECYCLE_DRAINING')
    }
  }
}

describe('a rejection passes through', () => {
  for (const [name, { add, look }] of Object.entries(plugins)) {
    for (const order of [
      [ours, add],
      [add, ours]
    ]) {
      test(`${name}, registered ${order[0] === ours ? 'behind' : 'before'} the lifecycle`, async (t) => {
        const app = await appWith(t, ...order)
        const release = await holdDrain(t, app)
        look(await rejected(app, '/', { headers: { origin, 'accept-encoding': 'gzip' } }))
        await over(app, release, 1)
      })
    }
  }

  test('an onSend hook that changes status and body: the status stays', async (t) => {
    const app = await appWith(t, ours)
    app.addHook('onSend', async (_request, reply) => {
      reply.code(500)
      reply.raw.statusCode = 418
      reply.statusCode = 200
      return 'changed'
    })
    const release = await holdDrain(t, app)
    const { status, body } = await request(portOf(app), '/')
    assert.deepEqual([status, body], [503, 'changed'])
    await over(app, release, 1)
  })

  test('an onSend hook that throws: the status stays', async (t) => {
    const app = await appWith(t, ours)
    const seen: string[] = []
    app.addHook('onError', async (_request, _reply, { message }) => void seen.push(message))
    app.addHook('onSend', async () => {
      throw new Error('from the hook')
    })
    const release = await holdDrain(t, app)
    const { status, headers } = await request(portOf(app), '/')
    assert.deepEqual([status, headers.connection], [503, 'close'])
    // Fastify runs it again for the answer that it makes of the error.
    assert.deepEqual([...new Set(seen)], ['from the hook'])
    await over(app, release, 1)
  })

  test('preSerialization hooks and serializers, which do not see it: it is a text already', async (t) => {
    const app = await appWith(t, ours)
    const seen: unknown[] = []
    app.addHook('preSerialization', async (_request, _reply, payload) => {
      seen.push(payload)
      return {}
    })
    app.setReplySerializer((payload) => {
      seen.push(payload)
      return '{}'
    })
    const release = await holdDrain(t, app)
    await rejected(app)
    assert.deepEqual(seen, [])
    await over(app, release, 1)
  })
})

describe('a rejection is the same', () => {
  test('where the route has a schema for 503', async (t) => {
    const app = await makeApp(t)
    const empty = { type: 'object', properties: {}, additionalProperties: false }
    app.get('/one', { schema: { response: { 503: empty } } }, async () => {})
    app.get('/all', { schema: { response: { '5xx': empty } } }, async () => {})
    app.get(
      '/typed',
      { schema: { response: { 503: { content: { 'application/json': { schema: empty } } } } } },
      async () => {}
    )
    const release = await holdDrain(t, app)
    for (const path of ['/one', '/all', '/typed']) await rejected(app, path)
    await over(app, release, 3)
  })

  test('where nobody has the path, with a handler of its own for that or without', async (t) => {
    for (const isOwn of [false, true]) {
      const app = await makeApp(t)
      if (isOwn) app.setNotFoundHandler((_request, reply) => reply.code(404).send('nowhere'))
      const release = await holdDrain(t, app)
      await rejected(app, '/nowhere')
      await over(app, release, 1)
    }
  })

  test('for HEAD, without a body', async (t) => {
    const app = await makeApp(t)
    app.get('/', async () => 'ok')
    const release = await holdDrain(t, app)
    const { headers, body } = await rejected(app, '/', { method: 'HEAD' })
    assert.equal(body, '')
    assert.ok(Number(headers['content-length']) > 0)
    await over(app, release, 1)
  })

  test('for a body of a megabyte, of any type, which nobody parses', async (t) => {
    const app = await makeApp(t)
    let parsed = 0
    app.addContentTypeParser('*', (_request, payload, done) => {
      parsed++
      payload.resume().on('end', () => done(null))
    })
    app.post('/', async () => 'ok')
    const release = await holdDrain(t, app)
    for (const type of ['application/json', 'text/plain', 'application/octet-stream']) {
      await rejected(app, '/', {
        method: 'POST',
        body: 'x'.repeat(1_048_576),
        headers: { 'content-type': type }
      })
    }
    assert.equal(parsed, 0)
    await over(app, release, 3)
  })

  test('over HTTP/2, which has no header `Connection`', async (t) => {
    const app = await makeApp(t, {}, { http2: true } as object)
    const release = await holdDrain(t, app)
    const session = http2.connect(`http://127.0.0.1:${portOf(app)}`).on('error', () => {})
    cleanup(t, () => session.destroy())
    const stream = session.request({ ':path': '/' }).setEncoding('utf8')
    const [[headers], [body]] = await Promise.all([once(stream, 'response'), once(stream, 'data')])
    assert.deepEqual([headers[':status'], headers.connection], [503, undefined])
    assert.match(String(headers['retry-after']), /^[1-5]$/)
    assert.equal(JSON.parse(body).code, 'FST_LIFECYCLE_DRAINING')
    await over(app, release, 1)
  })

  test('where hooks behind the gate would answer, or fail', async (t) => {
    const app = await makeApp(t)
    for (const name of ['preValidation', 'preHandler'] as const) {
      app.addHook(name, async () => assert.fail(name))
    }
    app.get('/', async () => assert.fail('handled'))
    const release = await holdDrain(t, app)
    await rejected(app)
    await over(app, release, 1)
  })
})
