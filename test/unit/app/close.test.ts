import assert from 'node:assert/strict'
import dns from 'node:dns'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import Fastify from 'fastify'
import lifecycle, { channels, type Phase } from '../../../index.ts'
import { Traffic } from '../../../lib/requests/traffic.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request, Wire } from '../../support/client.ts'
import { latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'
import { aLongTime, inTime, Late } from '../../support/in-time.ts'
import { uncaught } from '../../support/uncaught.ts'

type App = Awaited<ReturnType<typeof makeApp>>

const everyPhase: readonly Phase[] = ['lameDuck', 'draining', 'closing', 'closed']

describe('every way to close is the same:', () => {
  const roads = {
    'app.close()': (app) => app.close(),
    'app.close(callback)': (app) =>
      new Promise<void>((resolve, reject) => {
        const returned = app.close(((error: Error | null) =>
          error ? reject(error) : resolve()) as () => void)
        assert.equal(returned, undefined)
      }),
    'await using': (app) => app[Symbol.asyncDispose](),
    'lifecycle.shutdown()': (app) => app.lifecycle.shutdown()
  } satisfies Record<string, (app: Awaited<ReturnType<typeof makeApp>>) => PromiseLike<unknown>>

  for (const [road, close] of Object.entries(roads)) {
    test(road, async (t) => {
      const app = await makeApp(t, { lameDuck: 5_000 })
      const phases: Phase[] = []
      let hooks = 0
      app.lifecycle.on('phase', ({ phase }) => phases.push(phase))
      app.onShutdown(() => {
        hooks++
      })
      await app.ready()
      await close(app)
      assert.deepEqual(phases, ['ready', ...everyPhase])
      assert.equal(hooks, 1)
      assert.equal(app.lifecycle.phase, 'closed')
    })
  }

  test('listen({ signal })', async (t) => {
    const app = await makeApp(t)
    const abort = new AbortController()
    await app.listen({ port: 0, host: '127.0.0.1', signal: abort.signal })
    abort.abort()
    const [report] = await once(app.lifecycle as never, 'report')
    assert.equal(report.reason.type, 'close')
  })

  test('close() in an encapsulated context', async (t) => {
    const app = await makeApp(t)
    await app.register(async (child) => {
      child.addHook('onListen', async () => {
        void child.close()
      })
    })
    let hooks = 0
    app.onShutdown(() => {
      hooks++
    })
    const reported = once(app.lifecycle as never, 'report')
    await app.listen({ port: 0, host: '127.0.0.1' })
    await reported
    assert.equal(hooks, 1)
  })
})

describe('app.close()', () => {
  test('skips the lame duck, even when it listens', async (t) => {
    const app = await makeApp(t, { lameDuck: aLongTime / 2 })
    await app.listen({ port: 0, host: '127.0.0.1' })
    await app.close()
    assert.ok((app.lifecycle.report?.duration ?? 0) < aLongTime / 2)
  })

  test("rejects with what a plugin's onClose rejects with, in both of its forms", async (t) => {
    const app = await makeApp(t)
    const error = new Error('onClose failed')
    app.addHook('onClose', async () => {
      throw error
    })
    await app.ready()
    await assert.rejects(app.close(), error)
    const [given] = await new Promise<unknown[]>((resolve) => {
      void app.close(((...args: unknown[]) => resolve(args)) as () => void)
    })
    assert.equal(given, error)
    assert.equal(app.lifecycle.report?.closeError?.message, 'onClose failed')
    assert.equal(app.lifecycle.report?.exitCode, 1)
  })

  test("runs every plugin's onClose, the last registered first, and has the last error of two", async (t) => {
    const app = await makeApp(t)
    const ran: string[] = []
    for (const name of ['first', 'second', 'third']) {
      app.addHook('onClose', async () => {
        ran.push(name)
        if (name !== 'second') throw new Error(name)
      })
    }
    await app.ready()
    await assert.rejects(app.close(), /^Error: first$/)
    assert.deepEqual(ran, ['third', 'second', 'first'])
    assert.equal(app.lifecycle.report?.closeError?.message, 'first')
  })

  test('closes an app whose boot failed', async (t) => {
    const app = await makeApp(t)
    app.register(async () => {
      throw new Error('no database')
    })
    await assert.rejects(async () => app.ready(), /no database/)
    await app.close()
    assert.equal(app.lifecycle.phase, 'closed')
  })

  test('while the boot is under way waits for it, and hooks may still be registered until then', async (t) => {
    const app = await makeApp(t)
    const booting = latch()
    let ran = false
    app.register(async (child) => {
      await booting.opened
      child.onShutdown(() => {
        ran = true
      })
    })
    const ready = app.ready()
    const closed = app.close()
    booting.open()
    await Promise.all([ready, closed])
    assert.equal(ran, true)
  })

  test('in the middle of listen waits for the other addresses of localhost', async (t) => {
    const app = await makeApp(t)
    const [asked, answered] = [latch(), latch()]
    const { lookup } = dns
    cleanup(t, () => Object.assign(dns, { lookup }))
    Object.assign(dns, {
      lookup: (
        host: string,
        options: { all?: boolean },
        found: (error: unknown, addresses: object[]) => void
      ) => {
        if (options.all !== true || !app.server.listening)
          return lookup(host, options as never, found as never)
        asked.open()
        void answered.opened.then(() => found(null, [{ address: '127.0.0.1', family: 4 }]))
      }
    })
    const listening = app.listen({ port: 0, host: 'localhost' })
    await asked.opened
    const closed = app.close()
    await new Promise((resolve) => setImmediate(resolve))
    answered.open()
    await Promise.all([listening, closed])
    assert.equal(app.lifecycle.report?.outcome, 'clean')
  })

  test('waits for no listener where listen() throws at once', async (t) => {
    const app = await makeApp(t)
    await assert.rejects(app.listen({ port: 2 ** 16, host: '127.0.0.1' }), { code: 'ERR_SOCKET_BAD_PORT' })
    await app.close()
    assert.equal(app.lifecycle.phase, 'closed')
  })

  test('waits for no listener where listen() has failed', async (t) => {
    const taken = await makeApp(t)
    await taken.listen({ port: 0, host: '127.0.0.1' })
    const app = await makeApp(t)
    const listening = () => app.listen({ port: portOf(taken), host: '127.0.0.1' })
    const before = app.server.eventNames().length
    for (let tries = 0; tries < 3; tries++) await assert.rejects(listening(), { code: 'EADDRINUSE' })
    assert.equal(app.server.eventNames().length, before)
    await app.close()
    assert.equal(app.lifecycle.phase, 'closed')
  })

  test('in the middle of a listen() that fails waits for that', async (t) => {
    const app = await makeApp(t)
    const { listen } = app.server
    const order: unknown[] = []
    const closed = new Promise<void>((resolve) => {
      app.server.listen = function (this: typeof app.server, ...given: Parameters<typeof listen>) {
        const server = listen.apply(this, given)
        resolve(app.close().then(() => void order.push('closed')))
        return server
      } as typeof listen
    })
    // An address that no machine has.
    const failed = app.listen({ port: 0, host: '192.0.2.1' }).catch(({ code }) => order.push(code))
    await Promise.all([failed, closed])
    assert.deepEqual(order, ['EADDRNOTAVAIL', 'closed'])
  })

  test('lets a deadline pass, because nobody asked for the process to end', async (t) => {
    const app = await makeApp(t, { deadline: 50 })
    app.addHook('onClose', () => new Promise<void>((resolve) => setTimeout(resolve, 150)))
    await app.ready()
    await app.close()
    assert.equal(app.lifecycle.report?.outcome, 'clean')
  })
})

describe('lifecycle.shutdown()', () => {
  test('resolves with the report, says why, and keeps the process alive with exit: false', async (t) => {
    const app = await makeApp(t)
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { reason, outcome, exitCode } = await app.lifecycle.shutdown('no more work')
    assert.deepEqual(reason, { type: 'shutdown', message: 'no more work' })
    assert.deepEqual([outcome, exitCode], ['clean', 0])
    assert.equal(app.lifecycle.report, await app.lifecycle.shutdown())
  })

  test('ends at the deadline although something never ends', async (t) => {
    const app = await makeApp(t, { deadline: 80 })
    const stuck = latch()
    app.addHook('onClose', () => stuck.opened)
    await app.ready()
    const report = await app.lifecycle.shutdown()
    assert.deepEqual([report.outcome, report.exitCode], ['deadline', 1])
    assert.deepEqual(
      report.phases.map(({ phase }) => phase),
      ['lameDuck', 'draining', 'closing']
    )
    stuck.open()
  })

  test('joins a close that is under way', async (t) => {
    const app = await makeApp(t)
    const hook = latch()
    app.onShutdown(() => hook.opened)
    await app.ready()
    const closed = app.close()
    const shutdown = app.lifecycle.shutdown()
    hook.open()
    const [, report] = await Promise.all([closed, shutdown])
    assert.equal(report.reason.type, 'close')
  })

  test('shuts down every app of the process', async (t) => {
    const [one, other] = [await makeApp(t), await makeApp(t)]
    await Promise.all([one.ready(), other.ready()])
    const reported = once(other.lifecycle as never, 'report')
    await one.lifecycle.shutdown()
    await reported
    assert.equal(other.lifecycle.phase, 'closed')
  })

  for (const [what, again] of [
    ['lifecycle.signal', (app: App) => app.lifecycle.signal.addEventListener('abort', () => app.close())],
    ['a phase', (app: App) => app.lifecycle.on('phase', () => app.close())],
    ['a report', (app: App) => app.lifecycle.on('report', () => app.lifecycle.shutdown())]
  ] as const) {
    test(`walks once although a listener of ${what} begins again`, async (t) => {
      const app = await makeApp(t)
      let hooks = 0
      app.onShutdown(() => {
        hooks++
      })
      again(app)
      await app.ready()
      const { outcome, phases } = await app.lifecycle.shutdown()
      assert.deepEqual([outcome, hooks, phases.length], ['clean', 1, 4])
    })
  }

  test('closes Fastify, and says so, when something of ours fails on the way', async (t) => {
    const app = await makeApp(t)
    await app.ready()
    t.mock.method(Traffic.prototype, 'finish', async () => {
      throw new Error('a defect')
    })
    const { exitCode, crashes } = await app.lifecycle.shutdown()
    t.mock.restoreAll()
    assert.deepEqual([exitCode, crashes.map(({ message }) => message)], [1, ['a defect']])
    await assert.rejects(app.inject('/livez'), { code: 'FST_ERR_REOPENED_CLOSE_SERVER' })
  })

  test('takes a message that is a string, or none', async (t) => {
    const app = await makeApp(t)
    assert.throws(() => app.lifecycle.shutdown({} as never), { code: 'FST_LIFECYCLE_OPTION_INVALID' })
  })

  test('aborts lifecycle.signal when it begins', async (t) => {
    const app = await makeApp(t)
    await app.ready()
    const { signal } = app.lifecycle
    assert.equal(signal.aborted, false)
    const done = app.lifecycle.shutdown('why')
    assert.equal(signal.aborted, true)
    assert.deepEqual(signal.reason, { type: 'shutdown', message: 'why' })
    await done
  })
})

describe('lifecycle.on, once and off', () => {
  test('add and remove listeners, and chain', async (t) => {
    const app = await makeApp(t)
    const heard: string[] = []
    const removed = () => heard.push('removed')
    const returned = app.lifecycle
      .on('phase', ({ phase }) => heard.push(phase))
      .on('phase', removed)
      .off('phase', removed)
      .once('phase', ({ phase, previous }) => heard.push(`${previous} to ${phase}`))
      .on('report', ({ outcome }) => heard.push(outcome))
      .on('hook', ({ name }) => heard.push(name))
    assert.equal(returned, app.lifecycle)
    app.onShutdown('db', () => {})
    await app.close()
    assert.deepEqual(heard, [
      'lameDuck',
      'starting to lameDuck',
      'draining',
      'closing',
      'db',
      'closed',
      'clean'
    ])
    assert.deepEqual(app.lifecycle.report?.lameDuck, { ended: 'skipped', saved: 0 })
  })
})

describe('a listener that fails', () => {
  test('keeps no other from hearing, is logged, and is no crash, whether it throws or rejects', async (t) => {
    const errors = uncaught(t)
    const lines: { code?: string; level: number; event?: string; err?: Error }[] = []
    const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
    const app = await makeApp(t, {}, { logger: { stream } })
    const heard: string[] = []
    app.lifecycle
      .once('phase', () => {
        throw new Error('at once')
      })
      .once('phase', async () => {
        throw new Error('later')
      })
      .on('phase', ({ phase }) => heard.push(phase))
    await app.close()
    const failed = lines.filter(({ code }) => code === 'LIFECYCLE_LISTENER')
    assert.deepEqual(
      failed.map(({ level, event, err }) => [level, event, err?.message]),
      [
        [50, 'phase', 'at once'],
        [50, 'phase', 'later']
      ]
    )
    assert.deepEqual(heard, ['lameDuck', 'draining', 'closing', 'closed'])
    assert.deepEqual([errors, app.lifecycle.report?.outcome], [[], 'clean'])
  })
})

describe('the lame duck', () => {
  test('ends when the readiness probe was answered "not ready" often enough, not before min', async (t) => {
    const max = aLongTime / 2
    const app = await makeApp(t, { lameDuck: { max, min: 150, probes: 2 } })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const ask = (agent: string) => request(portOf(app), '/readyz', { headers: { 'user-agent': agent } })
    for (let probe = 0; probe < 3; probe++) assert.equal((await ask('balancer')).status, 200)
    const done = app.lifecycle.shutdown()
    await phaseOf(app, 'lameDuck')
    for (let count = 0; count < 5; count++) assert.equal((await ask('stranger')).status, 503)
    assert.equal(app.lifecycle.phase, 'lameDuck')
    // As seldom as it asked before, however long that took on this machine.
    while (app.lifecycle.phase === 'lameDuck') assert.equal((await ask('balancer')).status, 503)
    const { phases, lameDuck } = await done
    const { duration } = phases[0] as { duration: number }
    assert.ok(duration >= 149 && duration < max, `lasted ${duration} ms`)
    assert.equal(lameDuck.ended, 'probes')
    assert.ok(lameDuck.saved > 0 && lameDuck.saved <= max - 149, `saved ${lameDuck.saved} ms`)
  })

  test('is not ended by strangers, however often they ask', async (t) => {
    const app = await makeApp(t, { lameDuck: { max: 150, probes: 1 } })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const port = portOf(app)
    const ask = (headers = {}) => request(port, '/readyz', { headers })
    const forwarded = { 'x-forwarded-for': '192.0.2.7' }
    for (let probe = 0; probe < 3; probe++) await ask(forwarded)
    const done = app.lifecycle.shutdown()
    await phaseOf(app, 'lameDuck')
    // The window may end while a stranger asks: then that one is refused.
    while (app.lifecycle.phase === 'lameDuck') await Promise.allSettled([ask(), ask(forwarded)])
    assert.deepEqual((await done).lameDuck, { ended: 'window', saved: 0 })
  })

  test('is ended by the process itself where nobody else probes', async (t) => {
    const app = await makeApp(t, { deadline: 60_000, lameDuck: { max: 30_000, probes: 2 } })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const done = app.lifecycle.shutdown()
    await phaseOf(app, 'lameDuck')
    for (let count = 0; count < 2; count++) assert.equal((await app.inject('/readyz')).statusCode, 503)
    assert.equal((await done).lameDuck.ended, 'probes')
  })

  test('does not count what the probe was answered before the shutdown', async (t) => {
    const app = await makeApp(t, { lameDuck: { max: 100, probes: 1 } })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const release = app.lifecycle.hold('warm-up')
    assert.equal((await request(portOf(app), '/readyz')).status, 503)
    release()
    assert.equal((await app.lifecycle.shutdown()).lameDuck.ended, 'window')
  })

  test('is over after max although nobody has probed', async (t) => {
    const app = await makeApp(t, { lameDuck: { max: 50 } })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { phases, lameDuck } = await app.lifecycle.shutdown()
    assert.ok((phases[0]?.duration ?? 0) >= 49)
    assert.deepEqual(lameDuck, { ended: 'window', saved: 0 })
  })

  test('tells kept-alive connections to close towards its end', (t) =>
    inTime(t, async (times) => {
      const app = await makeApp(t, { lameDuck: times * 400 })
      app.get('/', async () => 'served')
      await app.listen({ port: 0, host: '127.0.0.1' })
      const done = app.lifecycle.shutdown()
      await phaseOf(app, 'lameDuck')
      const early = new Wire(portOf(app))
      early.send('GET / HTTP/1.1\nHost: x\n\n')
      await early.receives('served')
      if (/connection: close/i.test(early.received)) throw new Late('the first request')
      let closed = 0
      while (app.lifecycle.phase === 'lameDuck') {
        const { headers, status } = await request(portOf(app), '/', { headers: { connection: 'keep-alive' } })
        if (status === 200 && headers.connection === 'close') closed++
      }
      await done
      if (closed === 0) throw new Late('the requests')
    }))
})

test('a thousand apps made and closed leave no listener behind, and no warning', async () => {
  const events = ['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection', 'beforeExit', 'SIGHUP']
  const counts = () => events.map((event) => process.listenerCount(event))
  const before = counts()
  const warnings: Error[] = []
  const warned = (warning: Error) => warnings.push(warning)
  process.on('warning', warned)
  for (let round = 0; round < 100; round++) {
    const apps = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const app = Fastify()
        await app.register(lifecycle)
        await app.ready()
        return app
      })
    )
    await Promise.all(apps.map((app) => app.close()))
  }
  process.removeListener('warning', warned)
  assert.deepEqual(counts(), before)
  assert.deepEqual(warnings, [])
})

test('a preClose that fails keeps no hook from its turn', async (t) => {
  const app = await makeApp(t)
  const ran: string[] = []
  app.addHook('preClose', async () => {
    ran.push('preClose')
    throw new Error('no')
  })
  app.addHook('onClose', async () => void ran.push('onClose'))
  for (const phase of ['lameDuck', 'draining', 'closing'] as const) {
    app.onShutdown(phase, { phase }, () => void ran.push(phase))
  }
  await app.ready()
  await assert.rejects(app.close(), { code: 'FST_LIFECYCLE_HOOKS_FAILED', message: /'preClose 1' \(error\)/ })
  assert.deepEqual(ran, ['lameDuck', 'draining', 'preClose', 'closing', 'onClose'])
})

test('a request is cut when its time is up, though a hook of the drain waits for just that', async (t) => {
  const app = await makeApp(t, { drainTimeout: 100 })
  const [arrived, cut] = [latch(), latch()]
  app.get('/', () => {
    arrived.open()
    return new Promise(() => {})
  })
  channels.cut.subscribe(cut.open)
  t.after(() => channels.cut.unsubscribe(cut.open))
  app.onShutdown('waits', { phase: 'draining', timeout: aLongTime }, () => cut.opened)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const answer = request(portOf(app), '/').catch((error) => error.code)
  await arrived.opened
  await app.close()
  assert.equal(await answer, 'ECONNRESET')
  assert.deepEqual(
    app.lifecycle.report?.hooks.map(({ outcome }) => outcome),
    ['ok']
  )
})

test('asking an app again that has shut down does nothing to those that have come since', async (t) => {
  const first = await makeApp(t)
  await first.ready()
  const report = await first.lifecycle.shutdown()
  const second = await makeApp(t)
  await second.ready()
  assert.equal(await first.lifecycle.shutdown('again'), report)
  assert.equal(second.lifecycle.signal.aborted, false)
})
