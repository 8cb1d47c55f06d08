import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import http2 from 'node:http2'
import { describe, type TestContext, test } from 'node:test'
import express from '@fastify/express'
import middie from '@fastify/middie'
import Fastify, { type FastifyInstance } from 'fastify'
import lifecycle from '../../../index.ts'
import { lifeOf } from '../../../testing/app.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request, Wire } from '../../support/client.ts'
import { latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'

// Requests that come when the drain has begun, and do not reach the gate, or not soon.

const here = { port: 0, host: '127.0.0.1' }

/** A route that holds the drain open until it is told to answer. */
function slow(app: FastifyInstance) {
  const [asked, answer] = [latch(), latch()]
  app.get('/slow', async () => {
    asked.open()
    await answer.opened
    return 'slow'
  })
  return { asked: asked.opened, answer: answer.open }
}

/** An app in its drain, which a request in flight holds open. */
async function draining(t: TestContext, add: (app: FastifyInstance) => unknown, app?: FastifyInstance) {
  const own = app ?? (await makeApp(t))
  await add(own)
  const { asked, answer } = slow(own)
  cleanup(t, answer)
  await own.listen(here)
  const answered = request(portOf(own), '/slow')
  answered.catch(() => {})
  await asked
  const closed = own.close()
  await phaseOf(own, 'draining')
  return { app: own, answer, answered, closed, ask: (path: string) => request(portOf(own), path) }
}

/** Some turns of the event loop: a drain that does not wait has ended by then. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Says at each look whether the stop has begun. */
function watchStop(app: FastifyInstance) {
  const { stop } = (app as unknown as { life: ReturnType<typeof lifeOf> }).life.traffic
  const seen = { hasBegun: false }
  const politely = stop.politely.bind(stop)
  stop.politely = (limit) => {
    seen.hasBegun = true
    return politely(limit)
  }
  return seen
}

/** An app that keeps its life where `watchStop` finds it: in a drain, nobody else gives it away. */
async function watchedApp(t: TestContext, options = {}, server = {}): Promise<FastifyInstance> {
  const app = await makeApp(t, options, server)
  return Object.assign(app, { life: lifeOf(app) })
}

describe('a late request', () => {
  test('that an `onRequest` hook answers gets that answer', async (t) => {
    const { closed, answer, answered, ask, app } = await draining(t, (app) => {
      app.addHook('onRequest', async ({ url }, reply) => {
        if (url === '/late') return reply.code(401).send('who are you?')
      })
      app.get('/late', async () => assert.fail('handled'))
    })
    const { status, body, headers } = await ask('/late')
    assert.deepEqual([status, body, headers.connection], [401, 'who are you?', 'close'])
    answer()
    assert.equal((await answered).status, 200)
    await closed
    const { completed, cut, aborted } = app.lifecycle.report?.requests ?? {}
    assert.deepEqual([completed, cut, aborted], [2, [], 0])
  })

  for (const [protocol, server] of [
    ['HTTP/1.1', {}],
    ['HTTP/2', { http2: true }]
  ] as const) {
    test(`that an \`onRequest\` hook holds up is waited for, and then answered 503, over ${protocol}`, async (t) => {
      const app = await watchedApp(t, {}, server)
      const [asked, answer, hooked, goOn] = [latch(), latch(), latch(), latch()]
      cleanup(t, goOn.open)
      cleanup(t, answer.open)
      app.addHook('onRequest', async ({ url }) => {
        if (url !== '/late') return
        hooked.open()
        await goOn.opened
      })
      app.get('/slow', async () => {
        asked.open()
        await answer.opened
        return 'slow'
      })
      const seen = watchStop(app)
      await app.listen(here)
      const client = clientOf(t, portOf(app), protocol)
      const first = client('/slow')
      await asked.opened
      const closed = app.close()
      await phaseOf(app, 'draining')
      const late = clientOf(t, portOf(app), protocol)('/late')
      await hooked.opened
      answer.open()
      assert.equal(await first, 200)
      await turns()
      assert.equal(seen.hasBegun, false, 'the drain waits for it')
      goOn.open()
      assert.equal(await late, 503)
      await closed
      const { requests, outcome } = app.lifecycle.report ?? {}
      assert.deepEqual(
        [requests?.completed, requests?.rejected, requests?.cut, requests?.aborted, outcome],
        [1, 1, [], 0, 'clean']
      )
    })
  }

  test('that hangs in a hook is cut at `drainTimeout`, and named as that', async (t) => {
    const app = await makeApp(t, { drainTimeout: 300 })
    const { wire, closed } = await lateInHook(t, app, () => new Promise(() => {}))
    assert.equal(await wire.ended, 'end')
    assert.equal(wire.received, '')
    await closed
    const { requests, outcome } = app.lifecycle.report ?? {}
    const late = requests?.cut.filter(({ route }) => route === '/late')
    assert.deepEqual(
      late?.map(({ method }) => method),
      ['GET']
    )
    assert.deepEqual([requests?.aborted, outcome], [0, 'failed'])
  })

  test('whose client leaves while a hook holds it up is waited for, as the work that it is', async (t) => {
    const app = await watchedApp(t)
    const [goOn, gone] = [latch(), latch()]
    cleanup(t, goOn.open)
    const seen = watchStop(app)
    const { wire, closed, answer } = await lateInHook(t, app, (response) => {
      response.once('close', gone.open)
      return goOn.opened
    })
    wire.socket.destroy()
    await gone.opened
    answer()
    await turns()
    assert.equal(seen.hasBegun, false)
    goOn.open()
    await closed
    const { requests, outcome } = app.lifecycle.report ?? {}
    assert.deepEqual([requests?.left, requests?.cut, outcome], [[], [], 'clean'])
  })

  for (const [name, plugin] of [
    ['@fastify/middie', middie],
    ['@fastify/express', express]
  ] as const) {
    test(`that ${name} answers by itself gets that answer, however long it takes`, async (t) => {
      const app = await watchedApp(t)
      const [hooked, goOn] = [latch(), latch()]
      cleanup(t, goOn.open)
      const seen = watchStop(app)
      const { closed, answer, answered, ask } = await draining(
        t,
        async (app) => {
          await app.register(plugin as typeof middie)
          app.use((incoming: IncomingMessage, response: ServerResponse, next: () => void) => {
            if (incoming.url !== '/late') return next()
            hooked.open()
            void goOn.opened.then(() => response.end('by the middleware'))
          })
        },
        app
      )
      const late = ask('/late')
      await hooked.opened
      answer()
      assert.equal((await answered).body, 'slow')
      await turns()
      assert.equal(seen.hasBegun, false)
      goOn.open()
      const { status, body } = await late
      assert.deepEqual([status, body], [200, 'by the middleware'])
      await closed
      const { completed, cut, aborted } = app.lifecycle.report?.requests ?? {}
      assert.deepEqual([completed, cut, aborted], [2, [], 0])
    })

    test(`that ${name} passes on is answered 503`, async (t) => {
      const { closed, answer, ask, app } = await draining(t, async (app) => {
        await app.register(plugin as typeof middie)
        app.use((_request: IncomingMessage, _response: ServerResponse, next: () => void) => next())
        app.get('/late', async () => assert.fail('handled'))
      })
      assert.equal((await ask('/late')).status, 503)
      answer()
      await closed
      assert.equal(app.lifecycle.report?.requests.rejected, 1)
    })
  }

  test('that a `serverFactory` answers by itself gets that answer', async (t) => {
    const app = Fastify({
      serverFactory: (handler) =>
        http.createServer((incoming, response) => {
          if (incoming.url === '/late') response.end('by the factory')
          else handler(incoming, response)
        })
    })
    cleanup(t, () => app.close())
    await app.register(lifecycle, { signals: false, exit: false })
    const { closed, answer, ask } = await draining(t, () => {}, app)
    const { status, body, headers } = await ask('/late')
    assert.deepEqual([status, body, headers.connection], [200, 'by the factory', 'close'])
    answer()
    await closed
    assert.equal(app.lifecycle.report?.requests.completed, 2)
  })
})

test('a steady stream of late requests does not keep the drain open', async (t) => {
  const app = await makeApp(t)
  const arrivals = new EventEmitter()
  let goOn = () => {}
  // A hook lets each late request go on when the next one is here, so there is always one.
  app.addHook('onRequest', async ({ url }) => {
    if (url !== '/late') return
    goOn()
    const next = new Promise<void>((resolve) => {
      goOn = resolve
    })
    arrivals.emit('arrived')
    await next
  })
  const { asked, answer } = slow(app)
  await app.listen(here)
  const port = portOf(app)
  const answered = request(port, '/slow')
  await asked
  const closed = app.close()
  await phaseOf(app, 'draining')
  const results: (number | string)[] = []
  const stream = async () => {
    for (;;) {
      const arrived = once(arrivals, 'arrived').then(() => true)
      const late = request(port, '/late')
        .then(
          ({ status }) => status,
          ({ code }) => code as string
        )
        .then((result) => results.push(result))
      if (await Promise.race([arrived, late.then(() => results.at(-1) !== 'ECONNREFUSED')])) continue
      return goOn()
    }
  }
  const streamed = stream()
  await once(arrivals, 'arrived')
  answer()
  assert.equal((await answered).body, 'slow')
  await Promise.all([closed, streamed])
  assert.ok(results.includes(503))
  assert.deepEqual(app.lifecycle.report?.requests.cut, [])
})

describe('nobody else closes the listener', () => {
  for (const phase of ['lameDuck', 'draining'] as const) {
    test(`in ${phase}, where late requests are ${phase === 'lameDuck' ? 'served' : 'answered 503'}`, async (t) => {
      const app = await makeApp(t)
      app.get('/', async () => 'served')
      const [held, isThere] = [latch(), latch()]
      cleanup(t, held.open)
      app.onShutdown('holds', { phase }, () => {
        isThere.open()
        return held.opened
      })
      await app.listen(here)
      const done = app.lifecycle.shutdown()
      await isThere.opened
      let isCalled = false
      app.server.close(() => {
        isCalled = true
      })
      const { status } = await request(portOf(app), '/')
      assert.deepEqual([status, isCalled], [phase === 'lameDuck' ? 200 : 503, false])
      held.open()
      assert.equal((await done).outcome, 'clean')
      assert.equal(isCalled, true)
    })
  }

  for (const host of ['127.0.0.1', 'localhost']) {
    test(`by \`listen({ signal })\`, with host ${host}`, async (t) => {
      const app = await makeApp(t)
      app.get('/', async () => 'served')
      const held = latch()
      cleanup(t, held.open)
      app.onShutdown('holds', { phase: 'draining' }, () => held.opened)
      const ending = new AbortController()
      const listening = latch()
      app.addHook('onListen', async () => listening.open())
      const { giveLocalhostBothFamilies } = await import('../../support/both-families.ts')
      if (host === 'localhost') giveLocalhostBothFamilies()
      await app.listen({ port: 0, host, signal: ending.signal })
      await listening.opened
      const addresses = app.addresses() as { address: string; port: number }[]
      assert.equal(addresses.length, host === 'localhost' ? 2 : 1)
      ending.abort()
      await phaseOf(app, 'draining')
      for (const { address, port } of addresses) {
        assert.equal((await request(port, '/', { host: address })).status, 503)
      }
      held.open()
      await app.close()
      const { outcome, requests } = app.lifecycle.report ?? {}
      assert.deepEqual([outcome, requests?.rejected], ['clean', addresses.length])
    })
  }

  test('and it can be opened and closed again by others when the shutdown is over', async (t) => {
    const app = await makeApp(t)
    await app.listen(here)
    await app.close()
    await once(app.server.close(), 'close').catch(() => {})
    assert.equal(app.server.listening, false)
    assert.equal(Object.hasOwn(app.server, 'close'), false)
  })
})

/** A client of one request after another, which gives the status of each. */
function clientOf(t: TestContext, port: number, protocol: 'HTTP/1.1' | 'HTTP/2') {
  if (protocol === 'HTTP/1.1') return async (path: string) => (await request(port, path)).status
  const session = http2.connect(`http://127.0.0.1:${port}`).on('error', () => {})
  cleanup(t, () => session.destroy())
  return async (path: string) => {
    const [headers] = await once(session.request({ ':path': path }).resume(), 'response')
    return headers[':status'] as number
  }
}

/** A late request that a hook has, which does what is said with it. */
async function lateInHook(
  t: TestContext,
  app: FastifyInstance,
  hook: (response: ServerResponse) => Promise<unknown>
) {
  const hooked = latch()
  const { closed, answer } = await draining(
    t,
    (app) =>
      app.addHook('onRequest', async ({ url }, reply) => {
        if (url !== '/late') return
        hooked.open()
        await hook(reply.raw)
      }),
    app
  )
  const wire = new Wire(portOf(app))
  cleanup(t, () => wire.socket.destroy())
  wire.send('GET /late HTTP/1.1\nHost: x\n\n')
  await hooked.opened
  answer()
  return { wire, closed, answer }
}
