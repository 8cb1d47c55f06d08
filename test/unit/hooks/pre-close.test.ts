import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, type TestContext, test } from 'node:test'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import WebSocket from 'ws'
import lifecycle, { type LifecycleOptions } from '../../../index.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request, Wire } from '../../support/client.ts'
import { latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'
import { aLongTime } from '../../support/in-time.ts'

// Fastify promises that `preClose` hooks run before requests in flight have finished: plugins end streams there.

const here = { port: 0, host: '127.0.0.1' }

/** An app with a stream that goes on until it is told to end. */
async function streaming(t: TestContext, options: LifecycleOptions = {}) {
  const app = await makeApp(t, options)
  const begun = latch()
  let end = () => {}
  app.get('/', (_request, reply) => {
    reply.hijack()
    reply.raw.write('begun, ')
    end = () => reply.raw.end('ended')
    begun.open()
  })
  return {
    app,
    end: () => end(),
    async ask() {
      await app.listen(here)
      const answer = request(portOf(app), '/')
      answer.catch(() => {})
      await begun.opened
      return { answer }
    }
  }
}

describe('a preClose hook ends streams when the drain begins', () => {
  const forms: Readonly<Record<string, (app: FastifyInstance, end: () => void) => unknown>> = {
    synchronous: (app, end) => app.addHook('preClose', (() => end()) as never),
    async: (app, end) =>
      app.addHook('preClose', async () => {
        await new Promise((resolve) => setImmediate(resolve))
        end()
      }),
    'with a callback': (app, end) =>
      app.addHook('preClose', (done) => {
        end()
        done()
      }),
    'with a callback that is called later': (app, end) =>
      app.addHook('preClose', (done) => {
        setImmediate(() => {
          end()
          done()
        })
      }),
    'of an encapsulated plugin': (app, end) =>
      app.register(async (child) => {
        await child.register(async (grandchild) => {
          grandchild.addHook('preClose', async () => end())
        })
      })
  }
  for (const [form, add] of Object.entries(forms)) {
    test(`where it is ${form}`, async (t) => {
      const { app, end, ask } = await streaming(t)
      let runs = 0
      await add(app, () => {
        runs++
        assert.equal(app.lifecycle.phase, 'draining')
        end()
      })
      const { answer } = await ask()
      await app.close()
      assert.equal((await answer).body, 'begun, ended')
      assert.equal(runs, 1)
      const { outcome, hooks, requests } = app.lifecycle.report ?? {}
      assert.deepEqual([outcome, requests?.completed, requests?.cut], ['clean', 1, []])
      assert.deepEqual(
        hooks?.map(({ name, phase, outcome }) => [name, phase, outcome]),
        [['preClose 1', 'draining', 'ok']]
      )
    })
  }

  test('where it was added before the lifecycle was registered, and runs before Fastify has its turn', async (t) => {
    const app = Fastify()
    cleanup(t, () => app.close())
    const ran: string[] = []
    app.addHook('preClose', async function endStreams() {
      ran.push(`preClose in ${app.lifecycle.phase}`)
    })
    app.addHook('onClose', async () => void ran.push('onClose'))
    await app.register(lifecycle, { signals: false, exit: false })
    app.onShutdown('db', () => void ran.push('db'))
    await app.close()
    assert.deepEqual(ran, ['preClose in draining', 'db', 'onClose'])
    assert.equal(app.lifecycle.report?.hooks[0]?.name, 'preClose endStreams')
  })
})

test('preClose hooks run in the order of Fastify, one after another, with their instance', async (t) => {
  const make = async (app: FastifyInstance) => {
    const ran: string[] = []
    const add = (instance: FastifyInstance, name: string) => {
      instance.decorate('called', name)
      instance.addHook('preClose', async function (this: FastifyInstance & { called?: string }) {
        ran.push(`${this.called} begins`)
        await new Promise((resolve) => setImmediate(resolve))
        ran.push(`${this.called} ends`)
      })
    }
    await app.register(async (child) => {
      add(child, 'child')
      await child.register(async (inner) => add(inner, 'grandchild'))
    })
    add(app, 'root')
    await app.register(async (sibling) => add(sibling, 'sibling'))
    await app.close()
    return ran
  }
  const bare = await make(Fastify())
  assert.equal(bare.length, 8)
  assert.deepEqual(await make(await makeApp(t)), bare)
})

describe('a preClose hook that fails is named, and stops nothing', () => {
  const failures: Readonly<Record<string, (app: FastifyInstance) => unknown>> = {
    throws: (app) =>
      app.addHook('preClose', function bad() {
        throw new Error('no')
      } as never),
    rejects: (app) =>
      app.addHook('preClose', async function bad() {
        throw new Error('no')
      }),
    'calls back with an error': (app) =>
      app.addHook('preClose', function bad(done) {
        done(new Error('no'))
      }),
    'throws before it calls back': (app) =>
      app.addHook('preClose', function bad(_done: () => void) {
        throw new Error('no')
      } as never)
  }
  for (const [what, add] of Object.entries(failures)) {
    test(`where it ${what}`, async (t) => {
      const app = await makeApp(t)
      const ran: string[] = []
      await add(app)
      app.addHook('preClose', async () => void ran.push('another'))
      app.onShutdown('db', () => void ran.push('db'))
      await app.ready()
      await assert.rejects(app.close(), {
        code: 'FST_LIFECYCLE_HOOKS_FAILED',
        message: /'preClose bad' \(error\)/
      })
      assert.deepEqual(ran, ['another', 'db'])
      const { outcome, hooks } = app.lifecycle.report ?? {}
      assert.equal(outcome, 'failed')
      assert.deepEqual([hooks?.[0]?.name, hooks?.[0]?.error?.message], ['preClose bad', 'no'])
    })
  }

  for (const [what, hook] of [
    ['never settles', async () => new Promise(() => {})],
    ['never calls back', (_done: () => void) => {}]
  ] as const) {
    test(`where it ${what}, after its time`, async (t) => {
      const app = await makeApp(t, { hookTimeout: 50 })
      const ran: string[] = []
      app.addHook('preClose', hook as never)
      app.addHook('preClose', async () => void ran.push('another'))
      await app.ready()
      await assert.rejects(app.close(), { message: /'preClose hook' \(timeout\)|'preClose 1' \(timeout\)/ })
      assert.deepEqual(ran, ['another'])
    })
  }
})

test('preClose hooks run while requests are in flight, and late requests still get their 503', async (t) => {
  const app = await makeApp(t, { hookTimeout: aLongTime })
  const [asked, answer, hooked, goOn] = [latch(), latch(), latch(), latch()]
  for (const { open } of [answer, goOn]) cleanup(t, open)
  app.addHook('preClose', async () => {
    hooked.open()
    await goOn.opened
  })
  app.get('/', async () => {
    asked.open()
    await answer.opened
    return 'done'
  })
  await app.listen(here)
  const first = request(portOf(app), '/')
  await asked.opened
  const closed = app.close()
  await hooked.opened
  assert.deepEqual([app.lifecycle.phase, app.lifecycle.inFlight], ['draining', 1])
  assert.equal((await request(portOf(app), '/')).status, 503)
  answer.open()
  assert.equal((await first).body, 'done')
  goOn.open()
  await closed
  assert.equal(app.lifecycle.report?.outcome, 'clean')
})

for (const isFirst of [true, false]) {
  test(`clients of @fastify/websocket are still told 1012, registered ${isFirst ? 'before' : 'behind'} the lifecycle`, async (t) => {
    const app = Fastify()
    cleanup(t, () => app.close())
    if (isFirst) await app.register(websocket)
    await app.register(lifecycle, { signals: false, exit: false, deadline: aLongTime })
    if (!isFirst) await app.register(websocket)
    await app.register(async (child) => {
      child.get('/', { websocket: true }, () => {})
    })
    await app.listen(here)
    const clients = Array.from({ length: 5 }, () => new WebSocket(`ws://127.0.0.1:${portOf(app)}`))
    await Promise.all(clients.map((client) => once(client, 'open')))
    const codes = Promise.all(clients.map(async (client) => (await once(client, 'close'))[0]))
    await app.close()
    assert.deepEqual(await codes, [1012, 1012, 1012, 1012, 1012])
    assert.deepEqual(
      app.lifecycle.report?.hooks.map(({ name, outcome }) => [name, outcome]),
      [['preClose defaultPreClose', 'ok']]
    )
  })
}

test('a preClose hook runs once, even if several callers close the app', async (t) => {
  const app = await makeApp(t)
  let runs = 0
  app.addHook('preClose', async () => void runs++)
  await app.listen(here)
  const done = app.lifecycle.shutdown()
  await phaseOf(app, 'draining')
  await Promise.all([app.close(), app.close(), done])
  await app.close()
  assert.equal(runs, 1)
})

test('a silent connection is no reason to wait for a preClose hook that ends it', async (t) => {
  const { app, end, ask } = await streaming(t)
  app.addHook('preClose', async () => end())
  const { answer } = await ask()
  const silent = new Wire(portOf(app))
  cleanup(t, () => silent.socket.destroy())
  await silent.connected
  await app.close()
  assert.equal((await answer).body, 'begun, ended')
  await silent.ended
})
