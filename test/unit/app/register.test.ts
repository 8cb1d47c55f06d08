import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Fastify, { type FastifyPluginAsync } from 'fastify'
import lifecycle, { fastifyLifecycle, type Report } from '../../../index.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request } from '../../support/client.ts'
import { holdDrain, makeApp, portOf } from '../../support/in-process.ts'

const quiet = { signals: false } as const

describe('register', () => {
  test('takes the plugin by each of its names', () => {
    assert.equal(fastifyLifecycle, lifecycle)
  })

  test('takes the promise of its module', async (t) => {
    const app = Fastify()
    cleanup(t, () => app.close())
    await app.register(import('../../../index.ts'), quiet)
    assert.equal(app.lifecycle.phase, 'starting')
  })

  test('listens to SIGTERM, SIGINT and crashes, and to nothing else', async (t) => {
    const counts = () => new Map(process.eventNames().map((name) => [name, process.listenerCount(name)]))
    const before = counts()
    const app = Fastify()
    cleanup(t, () => app.close())
    await app.register(lifecycle)
    const more = [...counts()].filter(([name, count]) => count !== (before.get(name) ?? 0))
    assert.deepEqual(more.map(([name]) => String(name)).sort(), [
      'SIGINT',
      'SIGTERM',
      'uncaughtException',
      'unhandledRejection'
    ])
  })

  test('rejects with the coded error of a bad option', async () => {
    const app = Fastify()
    await assert.rejects(async () => app.register(lifecycle, { deadline: -1 }), {
      code: 'FST_LIFECYCLE_OPTION_INVALID'
    })
  })

  for (const depth of [1, 3]) {
    test(`in an encapsulated context is for the whole server, ${depth} deep`, async (t) => {
      const app = Fastify()
      cleanup(t, () => app.close())
      app.get('/before', async () => 'served')
      const encapsulate = (levels: number): FastifyPluginAsync =>
        levels === 0
          ? async (child) => {
              await child.register(lifecycle, quiet)
              child.get('/inside', async () => 'served')
              child.onShutdown('inside', function () {
                assert.equal(this, child)
              })
            }
          : async (child) => {
              child.register(encapsulate(levels - 1), { prefix: '/deeper' })
            }
      app.register(encapsulate(depth - 1))
      app.register(async (sibling) => {
        sibling.onShutdown('beside', () => {})
      })
      await app.after()
      const release = await holdDrain(t, app)
      const inside = `${'/deeper'.repeat(depth - 1)}/inside`
      for (const path of ['/before', inside, '/nowhere']) {
        const { status, headers } = await request(portOf(app), path)
        assert.deepEqual([path, status, headers.connection], [path, 503, 'close'])
      }
      assert.equal((await request(portOf(app), '/livez')).status, 200)
      await release()
      const { hooks, exitCode } = app.lifecycle.report as Report
      assert.deepEqual(hooks.map(({ name }) => name).sort(), ['beside', 'held', 'inside'])
      assert.equal(exitCode, 0)
    })
  }

  test('in an encapsulated context guards the routes there', async () => {
    for (const [url, config, code] of [
      ['/readyz', {}, 'FST_LIFECYCLE_PROBE_CLASH'],
      ['/orders', { lifecycle: { longLived: 'yes' } }, 'FST_LIFECYCLE_OPTION_INVALID']
    ] as const) {
      const app = Fastify()
      app.register(async (child) => {
        await child.register(lifecycle, quiet)
        child.get(url, { config: config as object }, async () => 'mine')
      })
      await assert.rejects(async () => app.ready(), { code })
    }
  })

  test('rejects an app whose server another app has, and leaves that one alone', async (t) => {
    const app = await makeApp(t)
    app.get('/', async () => 'first')
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { server } = app
    const [listeners, { listen, close }] = [server.rawListeners('request'), server]
    const other = Fastify({ serverFactory: () => server })
    await assert.rejects(async () => other.register(lifecycle, quiet), {
      code: 'FST_LIFECYCLE_SERVER_SHARED'
    })
    assert.deepEqual(server.rawListeners('request'), listeners)
    assert.deepEqual([server.listen, server.close], [listen, close])
    assert.equal((await request(portOf(app), '/')).body, 'first')
    await app.close()
    const next = Fastify({ serverFactory: () => server })
    cleanup(t, () => next.close())
    await next.register(lifecycle, quiet)
    assert.equal(next.lifecycle.phase, 'starting')
  })

  test('rejects a second time', async (t) => {
    const app = await makeApp(t)
    await assert.rejects(async () => app.register(lifecycle, quiet), {
      code: 'FST_LIFECYCLE_ALREADY_REGISTERED'
    })
    const encapsulated = Fastify()
    encapsulated.register(async (child) => child.register(lifecycle, quiet))
    encapsulated.register(async (child) => child.register(lifecycle, quiet))
    await assert.rejects(async () => encapsulated.ready(), { code: 'FST_LIFECYCLE_ALREADY_REGISTERED' })
  })

  for (const hook of [{ name: 'a' }, 'a']) {
    test(`rejects the declared hook ${JSON.stringify(hook)}`, async () => {
      const app = Fastify()
      const options = { ...quiet, hooks: [hook as never] }
      await assert.rejects(async () => app.register(lifecycle, options), {
        code: 'FST_LIFECYCLE_HOOK_INVALID'
      })
      await app.close()
    })
  }
})

describe('the probes', () => {
  test('answer GET and HEAD by the phase, with a short body that is not cached', async (t) => {
    const app = await makeApp(t)
    const booting = await app.inject('/livez')
    assert.equal(booting.statusCode, 200)
    await app.listen({ port: 0, host: '127.0.0.1' })
    for (const path of ['/livez', '/readyz']) {
      const { status, headers, body } = await request(portOf(app), path)
      assert.equal(status, 200)
      assert.equal(headers['cache-control'], 'no-store')
      assert.deepEqual(JSON.parse(body), { status: 'ok', phase: 'ready' })
      assert.equal((await request(portOf(app), path, { method: 'HEAD' })).status, 200)
    }
    assert.equal(app.lifecycle.ready, true)
  })

  test('say not ready before the app listens', async (t) => {
    const app = await makeApp(t)
    let phase: string | undefined
    let ready: boolean | undefined
    app.addHook('onReady', async () => {
      phase = app.lifecycle.phase
      ready = app.lifecycle.ready
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    assert.deepEqual([phase, ready], ['starting', false])
  })

  test('say ready after app.ready() where nothing listens', async (t) => {
    const app = await makeApp(t)
    await app.ready()
    assert.equal(app.lifecycle.phase, 'ready')
    assert.equal((await app.inject('/readyz')).statusCode, 200)
  })

  test('wait for listen although the app has booted', async (t) => {
    const app = await makeApp(t)
    const listening = app.listen({ port: 0, host: 'localhost' })
    await app.ready()
    await Promise.resolve()
    assert.equal(app.lifecycle.phase, 'starting')
    await listening
    assert.equal(app.lifecycle.phase, 'ready')
  })

  test('are where the options put them, or nowhere', async (t) => {
    const app = await makeApp(t, { health: { live: '/up', ready: false } })
    assert.equal((await app.inject('/up')).statusCode, 200)
    assert.equal((await app.inject('/readyz')).statusCode, 404)
    const without = await makeApp(t, { health: false })
    assert.equal((await without.inject('/livez')).statusCode, 404)
  })

  test('are silent in the logs, unless told otherwise', async (t) => {
    const lines: string[] = []
    const logger = { stream: { write: (line: string) => lines.push(line) } }
    const silent = await makeApp(t, {}, { logger })
    await silent.inject('/livez')
    assert.deepEqual(lines, [])
    const loud = await makeApp(t, { health: { logLevel: 'info' } }, { logger })
    await loud.inject('/livez')
    assert.ok(lines.length > 0)
  })

  test('a route of the app in their place is a coded error that names the option', async (t) => {
    const before = Fastify()
    before.get('/readyz', async () => 'mine')
    await assert.rejects(async () => before.register(lifecycle, quiet), {
      code: 'FST_LIFECYCLE_PROBE_CLASH',
      message: /'\/readyz'.*'health.ready'/
    })
    await before.close()
    const after = await makeApp(t)
    assert.throws(() => after.get('/livez', async () => 'mine'), {
      code: 'FST_LIFECYCLE_PROBE_CLASH',
      message: /'\/livez'.*'health.live'/
    })
    after.post('/livez', async () => 'another method is no clash')
  })
})

describe('a register that rejects', () => {
  for (const [code, options] of [
    ['FST_LIFECYCLE_HOOK_INVALID', { hooks: [{ name: '' }] }],
    ['FST_LIFECYCLE_PROBE_CLASH', { health: { live: '/mine' } }],
    ['FST_LIFECYCLE_PROBE_PORT', { health: { port: 0, host: '192.0.2.1' } }]
  ] as const) {
    test(`with ${code} leaves nothing behind that listens to the process`, async (t) => {
      const before = process.listenerCount('SIGTERM')
      const app = Fastify()
      cleanup(t, () => app.close())
      app.get('/mine', async () => 'mine')
      await assert.rejects(async () => app.register(lifecycle, options as object), { code })
      assert.equal(process.listenerCount('SIGTERM'), before)
    })
  }
})
