import assert from 'node:assert/strict'
import net from 'node:net'
import { describe, test } from 'node:test'
import cors from '@fastify/cors'
import Fastify, { type FastifyReply } from 'fastify'
import lifecycle from '../../../index.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request, Wire } from '../../support/client.ts'
import { holdDrain, latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'
import { aLongTime } from '../../support/in-time.ts'

describe('while draining', () => {
  test("a request is answered 503 in Fastify's error shape, with Retry-After and Connection: close", async (t) => {
    const app = await makeApp(t)
    let handled = false
    app.get('/', async () => {
      handled = true
    })
    await holdDrain(t, app)
    const { status, headers, body } = await request(portOf(app), '/')
    assert.equal(status, 503)
    assert.equal(headers.connection, 'close')
    assert.match(String(headers['retry-after']), /^[1-5]$/)
    assert.deepEqual(JSON.parse(body), {
      statusCode: 503,
      code: 'FST_LIFECYCLE_DRAINING',
      error: 'Service Unavailable',
      message: 'This server is shutting down and takes no new requests. Retry on another connection.'
    })
    assert.equal(handled, false)
    assert.equal(app.lifecycle.phase, 'draining')
  })

  test('no error handler and no onError hook sees it, in encapsulated plugins either, and its status stays', async (t) => {
    const app = await makeApp(t)
    const seen: unknown[] = []
    const handler = (error: unknown, _request: unknown, reply: FastifyReply) => {
      seen.push(error)
      return reply.code(500).send('internal')
    }
    app.setErrorHandler(handler)
    app.addHook('onError', async (_request, _reply, error) => void seen.push(error))
    app.addHook('onSend', async (_request, reply, payload) => {
      reply.code(500).header('x-seen', 'yes')
      return payload
    })
    await app.register(async (child) => {
      child.setErrorHandler(handler)
      child.get(
        '/child',
        { schema: { response: { 503: { type: 'object', properties: {} } } } },
        async () => {}
      )
    })
    app.get('/', async () => {})
    await holdDrain(t, app)
    for (const path of ['/', '/child', '/nowhere']) {
      const { status, headers, body } = await request(portOf(app), path)
      assert.deepEqual([status, headers['x-seen']], [503, 'yes'])
      assert.equal(JSON.parse(body).code, 'FST_LIFECYCLE_DRAINING')
    }
    assert.deepEqual(seen, [])
  })

  for (const [kind, body, type, text] of [
    ['an object', { error: 'restarting' }, 'application/json; charset=utf-8', '{"error":"restarting"}'],
    ['a string', 'restarting', 'text/plain; charset=utf-8', 'restarting']
  ] as const) {
    test(`the body is ${kind} that the option \`rejection\` returns`, async (t) => {
      const asked: string[] = []
      const app = await makeApp(t, {
        rejection: ({ url }) => {
          asked.push(url)
          return body
        }
      })
      app.get('/', async () => {})
      await holdDrain(t, app)
      const answer = await request(portOf(app), '/?x')
      assert.deepEqual([answer.status, answer.headers['content-type'], answer.body], [503, type, text])
      assert.deepEqual(asked, ['/?x'])
    })
  }

  for (const [what, rejection] of [
    [
      'throws',
      () => {
        throw new Error('no format')
      }
    ],
    ['returns a promise', async () => ({})],
    ['rejects', async () => Promise.reject(new Error('no format'))],
    [
      'returns what cannot be JSON',
      () => {
        const circle: Record<string, unknown> = {}
        circle['circle'] = circle
        return circle
      }
    ],
    ['returns nothing', () => undefined],
    ['returns a list', () => []]
  ] as const) {
    test(`where \`rejection\` ${what}, clients get the usual body, and the log says so once`, async (t) => {
      const lines: { code?: string }[] = []
      const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
      const app = await makeApp(t, { rejection: rejection as never }, { logger: { stream } })
      app.get('/', async () => {})
      await holdDrain(t, app)
      for (let count = 0; count < 2; count++) {
        const { status, body } = await request(portOf(app), '/')
        assert.deepEqual([status, JSON.parse(body).code], [503, 'FST_LIFECYCLE_DRAINING'])
      }
      assert.equal(lines.filter(({ code }) => code === 'LIFECYCLE_REJECTION').length, 1)
    })
  }

  for (const first of ['the gate', 'CORS', 'the routes']) {
    test(`the answer has CORS headers when ${first} came first`, async (t) => {
      const app = Fastify()
      cleanup(t, () => app.close())
      const parts = {
        'the gate': () => app.register(lifecycle, { signals: false }),
        CORS: () => app.register(cors, { origin: 'https://example.org' }),
        'the routes': () =>
          app.register(async (child) => {
            child.get('/', async () => 'served')
          })
      }
      await parts[first as 'CORS']()
      for (const [name, add] of Object.entries(parts)) if (name !== first) await add()
      await holdDrain(t, app)
      const { status, headers } = await request(portOf(app), '/', {
        headers: { origin: 'https://example.org' }
      })
      assert.equal(status, 503)
      assert.equal(headers['access-control-allow-origin'], 'https://example.org')
    })
  }

  test('probes and routes that say so are served, and do not hold the drain up', async (t) => {
    const app = await makeApp(t)
    app.get('/metrics', { config: { lifecycle: { whileDraining: 'serve' } } }, async () => 'up 1')
    app.get('/rejected', { config: { lifecycle: { whileDraining: 'reject' } } }, async () => 'no')
    await holdDrain(t, app)
    const statuses = await Promise.all(
      ['/metrics', '/livez', '/readyz', '/rejected', '/nowhere'].map(
        async (path) => (await request(portOf(app), path)).status
      )
    )
    assert.deepEqual(statuses, [200, 200, 503, 503, 503])
  })

  test('a long request to a route that is served to the end does not hold the drain up', async (t) => {
    const app = await makeApp(t, { deadline: 60_000 })
    const arrived = latch()
    app.get('/tail', { config: { lifecycle: { whileDraining: 'serve' } } }, () => {
      arrived.open()
      return new Promise(() => {})
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const tail = request(portOf(app), '/tail')
    tail.catch(() => {})
    await arrived.opened
    await app.close()
    assert.ok((app.lifecycle.report?.duration ?? 0) < aLongTime / 2)
    assert.deepEqual(app.lifecycle.report?.requests.cut, [])
    await assert.rejects(tail)
  })

  test('a client that waits for 100 Continue on a route that is served to the end is told to go on', async (t) => {
    const app = await makeApp(t)
    app.post('/', { config: { lifecycle: { whileDraining: 'serve' } } }, async ({ body }) => ({ got: body }))
    await holdDrain(t, app)
    const wire = new Wire(portOf(app))
    wire.send(
      'POST / HTTP/1.1\nHost: x\nContent-Type: text/plain\nContent-Length: 3\nExpect: 100-continue\n\n'
    )
    await wire.receives('HTTP/1.1 100 Continue')
    wire.send('abc')
    await wire.receives('{"got":"abc"}')
    assert.match(wire.received, /HTTP\/1\.1 200/)
    wire.socket.destroy()
  })

  test('a request that had arrived before, but hung in a hook, is served', async (t) => {
    const app = await makeApp(t)
    const [arrived, release] = [latch(), latch()]
    app.addHook('onRequest', async ({ url }) => {
      if (url !== '/') return
      arrived.open()
      await release.opened
    })
    app.get('/', async () => 'served')
    await app.listen({ port: 0, host: '127.0.0.1' })
    const answer = request(portOf(app), '/')
    await arrived.opened
    const closed = app.close()
    await phaseOf(app, 'draining')
    release.open()
    assert.equal((await answer).status, 200)
    await closed
    assert.equal(app.lifecycle.report?.requests.completed, 1)
  })

  test('an injected request is answered 503 too', async (t) => {
    const app = await makeApp(t)
    app.get('/', async () => {})
    await holdDrain(t, app)
    assert.equal((await app.inject('/')).statusCode, 503)
    assert.equal((await app.inject('/livez')).statusCode, 200)
  })

  test('a rejection is not logged as an error', async (t) => {
    const lines: { level: number; msg: string }[] = []
    const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
    const app = await makeApp(t, {}, { logger: { stream } })
    app.get('/', async () => {})
    await holdDrain(t, app)
    await request(portOf(app), '/')
    assert.ok(lines.some(({ level, msg }) => level === 30 && msg === 'request completed'))
    assert.deepEqual(
      lines.filter(({ level }) => level > 30),
      []
    )
  })

  test('a logger with private fields goes on working', async (t) => {
    class Logger {
      readonly #lines: string[] = []
      readonly level = 'info'
      #say = (_fields: unknown, text?: string) => this.#lines.push(String(text))
      info(fields: unknown, text?: string) {
        this.#say(fields, text)
      }
      warn() {}
      error() {
        this.#lines.push('an error')
      }
      fatal() {}
      debug() {}
      trace() {}
      silent() {}
      child() {
        return this
      }
      get lines() {
        return this.#lines
      }
    }
    const logger = new Logger()
    const app = await makeApp(t, {}, { loggerInstance: logger as never })
    const levels: string[] = []
    app.addHook('onSend', async ({ log }) => {
      levels.push(log.level)
    })
    app.get('/', async () => {})
    await holdDrain(t, app)
    assert.equal((await request(portOf(app), '/')).status, 503)
    assert.equal(logger.lines.includes('an error'), false)
    assert.deepEqual(levels, ['info'])
    assert.ok(logger.lines.includes('request completed'))
  })

  test('rejections are counted, and so is who goes away', async (t) => {
    const app = await makeApp(t)
    const [arrived, gone] = [latch(), latch()]
    app.get('/', async () => {})
    app.get('/hung', (_request, reply) => {
      reply.raw.on('close', gone.open)
      arrived.open()
      return gone.opened
    })
    const held = latch()
    app.onShutdown('held', { phase: 'draining', timeout: 60_000 }, () => held.opened)
    await app.listen({ port: 0, host: '127.0.0.1' })
    const wire = new Wire(portOf(app))
    wire.send('GET /hung HTTP/1.1\nHost: x\n\n')
    await arrived.opened
    const closed = app.close()
    await phaseOf(app, 'draining')
    await request(portOf(app), '/')
    wire.socket.destroy()
    await gone.opened
    held.open()
    await closed
    assert.deepEqual(app.lifecycle.report?.requests, {
      inFlight: 1,
      completed: 0,
      rejected: 1,
      aborted: 1,
      cut: [],
      cutCount: 0,
      left: [],
      leftCount: 0
    })
  })
})

describe('Retry-After', () => {
  for (const [retryAfter, expected] of [
    [7, /^7$/],
    [0, /^0$/],
    [[3, 4], /^[34]$/],
    [false, /^undefined$/]
  ] as const) {
    test(`is ${expected} with retryAfter: ${JSON.stringify(retryAfter)}`, async (t) => {
      const app = await makeApp(t, { retryAfter })
      await holdDrain(t, app)
      for (let count = 0; count < 5; count++) {
        assert.match(String((await app.inject('/')).headers['retry-after']), expected)
      }
    })
  }
})

describe('a route that is badly configured is a coded error:', () => {
  for (const [what, config, message] of [
    [
      'an unknown key',
      { whileDrainin: 'serve' },
      /config.lifecycle of \/.whileDrainin'. Did you mean 'whileDraining'/
    ],
    ['another value', { whileDraining: 'maybe' }, /one of 'serve', 'reject'/],
    ['no object', 'serve', /must be an object/]
  ] as const) {
    test(what, async (t) => {
      const app = await makeApp(t)
      assert.throws(() => app.get('/', { config: { lifecycle: config as never } }, async () => {}), {
        message
      })
    })
  }
})

test('no 503 goes out while the listener is being closed, so that nobody connects anew in that moment', async (t) => {
  const app = await makeApp(t, { deadline: 60_000 })
  app.get('/', async () => 'ok')
  // With a request in flight, `app.close()` has the patience of a shutdown.
  app.get('/slow', () => new Promise((resolve) => setTimeout(resolve, 100)))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const waiting = { '/': 0, '/readyz': 0, '/livez': 0 }
  const paths = ['/', '/readyz', '/livez'] as const
  const ended: Promise<unknown>[] = []
  const ask = () => {
    for (const path of paths) {
      const wire = new Wire(portOf(app))
      wire.send(`GET ${path} HTTP/1.1\nHost: x\n\n`)
      waiting[path]++
      const answered = wire.receives('HTTP/1.1').then(() => waiting[path]--)
      // The next ones ask when one that lives has said so: more may not have been heard on a busy machine.
      if (path === '/livez') void answered.then(() => setTimeout(() => isAsking && ask(), 10))
      ended.push(wire.ended, answered)
    }
  }
  const idle = new Wire(portOf(app))
  await idle.connected
  // There are always some who ask: quiet is waited for in vain.
  const slow = request(portOf(app), '/slow')
  while (app.lifecycle.inFlight === 0) await new Promise((resolve) => setImmediate(resolve))
  let isAsking = true
  ask()
  const { close } = net.Server.prototype
  const atTheEnd = await new Promise<typeof waiting>((resolve) => {
    t.mock.method(net.Server.prototype, 'close', function (this: net.Server, ...args: []) {
      isAsking = false
      resolve({ ...waiting })
      return close.apply(this, args)
    })
    void app.close()
  })
  assert.ok(atTheEnd['/'] >= 2 && atTheEnd['/readyz'] >= 2, JSON.stringify(atTheEnd))
  assert.ok(atTheEnd['/livez'] <= 1, 'one that lives says so at once')
  await Promise.all([slow, ...ended])
  assert.deepEqual(waiting, { '/': 0, '/readyz': 0, '/livez': 0 })
})
