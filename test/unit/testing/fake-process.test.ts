import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, mock, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import Fastify, { type FastifyInstance } from 'fastify'
import lifecycle, { type LifecycleOptions } from '../../../index.ts'
import { lifeOf } from '../../../lib/app/lifecycle.ts'
import { type FakeProcess, type FakeProcessOptions, fakeProcess } from '../../../testing/index.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request, Wire } from '../../support/client.ts'
import { freePort } from '../../support/free-port.ts'
import { latch, portOf } from '../../support/in-process.ts'
import { aLongTime } from '../../support/in-time.ts'

/** An app as it is in production: it listens to signals, and exits. */
async function build(options: LifecycleOptions = {}): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(lifecycle, options)
  return app
}

/** An app in a fake process, which ends with the test. */
async function play(
  t: TestContext,
  options: LifecycleOptions = {},
  fakeOptions: FakeProcessOptions = {}
): Promise<{ readonly app: FastifyInstance; readonly fake: FakeProcess }> {
  const app = await build(options)
  const fake = fakeProcess(app, fakeOptions)
  cleanup(t, () => fake.close())
  return { app, fake }
}

/** Neither a listener to a signal nor a watchdog keeps the test alive. */
function keepAlive(t: TestContext): void {
  const alive = setInterval(() => {}, 1_000)
  cleanup(t, () => clearInterval(alive))
}

test('the port of its probes is free again when a fake process has ended', async (t) => {
  const port = await freePort()
  const { fake } = await play(t, { health: { port } })
  await fake.kill()
  const next = await build({ health: { port } })
  await next.close()
})

const events = ['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection']

/** How many listeners the real process has. */
function listeners(): number[] {
  return events.map((event) => process.listenerCount(event))
}

describe('an app in a fake process', () => {
  test('walks as after a real signal, and nothing exits', async (t) => {
    const { app, fake } = await play(t)
    const seen: unknown[] = []
    app.onShutdown('db', ({ reason }) => {
      seen.push(reason)
    })
    app.onShutdown('consumer', { phase: 'lameDuck' }, ({ reason }) => {
      seen.push(reason)
    })
    const { exitCode, report, reports } = await fake.kill('SIGINT')
    const reason = { type: 'signal', signal: 'SIGINT' }
    assert.deepEqual(seen, [reason, reason])
    assert.equal(exitCode, 0)
    assert.equal(report, app.lifecycle.report)
    assert.deepEqual(reports, [report])
    assert.deepEqual(report.reason, reason)
    assert.deepEqual(
      report.hooks.map(({ name, outcome }) => [name, outcome]),
      [
        ['consumer', 'ok'],
        ['db', 'ok']
      ]
    )
  })

  test('leaves no listener on the real process, from its first moment', async (t) => {
    const before = listeners()
    const app = await build()
    assert.notDeepEqual(listeners(), before)
    const fake = fakeProcess(app)
    cleanup(t, () => fake.close())
    assert.deepEqual(listeners(), before)
    await fake.kill()
    assert.deepEqual(listeners(), before)
  })

  test('hears a signal of the real process no more', { skip: process.platform === 'win32' }, async (t) => {
    const { app } = await play(t, { signals: ['SIGHUP'] })
    const heard = once(process, 'SIGHUP')
    keepAlive(t)
    process.kill(process.pid, 'SIGHUP')
    await heard
    assert.equal(app.lifecycle.signal.aborted, false)
  })

  test('ends with code 1 where a hook fails, and the others still run', async (t) => {
    const { app, fake } = await play(t)
    app.onShutdown('db', () => {})
    app.onShutdown('mails', () => Promise.reject(new Error('the mail server is away')))
    const { exitCode, report } = await fake.kill()
    assert.equal(exitCode, 1)
    assert.deepEqual(
      report.hooks.map(({ name, outcome }) => `${name} ${outcome}`),
      ['mails error', 'db ok']
    )
  })

  test('ends with code 1 after a crash, and says which', async (t) => {
    const { fake } = await play(t)
    const { exitCode, report } = await fake.crash(new Error('out of paper'))
    assert.equal(exitCode, 1)
    assert.equal(report.reason.type, 'uncaughtException')
    assert.equal('error' in report.reason && report.reason.error.message, 'out of paper')
  })

  test('hears of a crash in the middle of a shutdown', async (t) => {
    const { fake } = await play(t)
    using draining = fake.hold('draining')
    void fake.kill()
    await draining.reached
    const exit = fake.crash('nobody caught this', 'unhandledRejection')
    draining.release()
    const { exitCode, report } = await exit
    assert.equal(exitCode, 1)
    assert.deepEqual(report.reason.type, 'signal')
    assert.deepEqual(
      report.crashes.map(({ message }) => message),
      ['nobody caught this']
    )
  })

  test('ends when the app itself asks for it, and not the test', async (t) => {
    const { app, fake } = await play(t)
    await app.lifecycle.shutdown('the license has expired')
    const { exitCode, report } = await fake.exited
    assert.equal(exitCode, 0)
    assert.deepEqual(report.reason, { type: 'shutdown', message: 'the license has expired' })
  })

  test('takes a Ctrl-C that comes right after the first for the same one', async (t) => {
    const { fake } = await play(t)
    void fake.kill('SIGINT')
    const { exitCode } = await fake.kill('SIGINT')
    assert.equal(exitCode, 0)
  })

  test('goes on at a SIGTERM that comes again', async (t) => {
    const { fake } = await play(t)
    const draining = fake.hold('draining')
    void fake.kill()
    await sleep(520)
    const exited = fake.kill()
    draining.release()
    const { exitCode, report } = await exited
    assert.equal(exitCode, 0)
    assert.equal(report.outcome, 'clean')
  })

  test('exits at once at a Ctrl-C that comes later, with the report of what is left undone', async (t) => {
    const { app, fake } = await play(t)
    app.onShutdown('db', () => {})
    fake.hold('draining')
    void fake.kill('SIGINT')
    await sleep(520)
    const { exitCode, report } = await fake.kill('SIGINT')
    assert.equal(exitCode, 1)
    assert.equal(report.outcome, 'abandoned')
    assert.deepEqual(
      report.hooks.map(({ outcome }) => outcome),
      ['unstarted']
    )
  })

  test('is bounded by its deadline', async (t) => {
    const { fake } = await play(t, { deadline: 300 })
    fake.hold('draining')
    const { exitCode, report } = await fake.kill()
    assert.equal(exitCode, 1)
    assert.equal(report.outcome, 'deadline')
  })

  test('has no exit code where the app wants the process to live on', async (t) => {
    const { fake } = await play(t, { exit: false })
    const { exitCode, report } = await fake.kill()
    assert.equal(exitCode, undefined)
    assert.equal(report.outcome, 'clean')
  })

  test('has no watchdog, and ends the one that the real process had because of it', async (t) => {
    const ways = [(fake: FakeProcess) => fake.kill(), (_: FakeProcess, app: FastifyInstance) => app.close()]
    for (const end of ways) await endsWatchdog(t, end)
  })

  test('is not stopped by timers that are mocked', async (t) => {
    const { app, fake } = await play(t, {}, { maxWait: 50 })
    app.onShutdown('stuck', () => new Promise(() => {}))
    mock.timers.enable()
    cleanup(t, () => mock.timers.reset())
    const { report } = await fake.kill()
    assert.deepEqual(
      report.hooks.map(({ outcome }) => outcome),
      ['timeout']
    )
  })

  test('does nothing to an app beside it', async (t) => {
    const first = await play(t)
    const second = await play(t)
    await first.fake.kill()
    assert.equal(second.app.lifecycle.signal.aborted, false)
    await second.fake.kill()
  })
})

describe('several apps in one fake process', () => {
  test('shut down together, and it exits once, with the worst code', async (t) => {
    const apps = [await build(), await build()]
    const fake = fakeProcess(apps)
    cleanup(t, () => fake.close())
    apps[1]?.onShutdown('broken', () => Promise.reject(new Error('broken')))
    const draining = fake.hold('draining')
    const exit = fake.kill()
    await draining.reached
    assert.deepEqual(
      apps.map((app) => app.lifecycle.phase),
      ['draining', 'draining']
    )
    draining.release()
    const { exitCode, reports } = await exit
    assert.deepEqual([exitCode, reports[0]?.exitCode, reports[1]?.exitCode], [1, 0, 1])
  })
})

describe('maxWait', () => {
  test('cuts a hook that hangs short, and the rest runs', async (t) => {
    const { app, fake } = await play(t, { deadline: aLongTime, hookTimeout: aLongTime / 2 }, { maxWait: 50 })
    app.onShutdown('db', () => {})
    app.onShutdown('stuck', () => new Promise(() => {}))
    const { exitCode, report } = await fake.kill()
    assert.equal(exitCode, 1)
    assert.deepEqual(
      report.hooks.map(({ name, outcome }) => `${name} ${outcome}`),
      ['stuck timeout', 'db ok']
    )
    assert.ok(report.duration < aLongTime / 2)
  })

  test('cuts the lame duck and the drain short', async (t) => {
    const { app, fake } = await play(t, { deadline: aLongTime, lameDuck: aLongTime / 4 }, { maxWait: 50 })
    app.get('/hangs', () => new Promise(() => {}))
    await app.listen({ port: 0, host: '127.0.0.1' })
    const wire = new Wire(portOf(app))
    wire.send('GET /hangs HTTP/1.1\nHost: me\n\n')
    while (app.lifecycle.inFlight === 0) await once(app.server, 'request')
    const { report } = await fake.kill()
    await wire.ended
    assert.deepEqual(
      report.requests.cut.map(({ route }) => route),
      ['/hangs']
    )
    assert.ok(report.duration < aLongTime / 4)
  })

  test('makes nothing longer', async (t) => {
    const { app, fake } = await play(t, { hookTimeout: 20 }, { maxWait: 60_000 })
    app.onShutdown('stuck', () => new Promise(() => {}))
    const { report } = await fake.kill()
    assert.equal(report.hooks[0]?.outcome, 'timeout')
  })
})

describe('a phase that is held open', () => {
  test('can be looked at: the lame duck serves, the drain says 503, and probes say what they should', async (t) => {
    const { app, fake } = await play(t)
    app.get('/', async () => 'hello')
    const statuses = () =>
      Promise.all(['/', '/livez', '/readyz'].map(async (url) => (await app.inject(url)).statusCode))
    const [lameDuck, draining] = [fake.hold('lameDuck'), fake.hold('draining')]
    await app.ready()
    assert.deepEqual(await statuses(), [200, 200, 200])
    const exit = fake.kill()
    await lameDuck.reached
    assert.deepEqual(await statuses(), [200, 200, 503])
    lameDuck.release()
    await draining.reached
    assert.deepEqual(await statuses(), [503, 200, 503])
    draining.release()
    assert.equal((await exit).exitCode, 0)
  })

  test('lets a request in flight end before the pool closes, over a real connection', async (t) => {
    const { app, fake } = await play(t)
    const answer = latch()
    const arrived = latch()
    app.get('/slow', async () => {
      arrived.open()
      await answer.opened
      return 'done'
    })
    const order: string[] = []
    app.onShutdown('pool', () => {
      order.push('pool')
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const slow = request(portOf(app), '/slow').then(({ status }) => order.push(`slow ${status}`))
    await arrived.opened
    const draining = fake.hold('draining')
    const exit = fake.kill()
    await draining.reached
    answer.open()
    await slow
    draining.release()
    const { report } = await exit
    assert.deepEqual(order, ['slow 200', 'pool'])
    assert.equal(report.requests.completed, 1)
  })

  test('has its listener closed, and no onClose run, while closing', async (t) => {
    const { app, fake } = await play(t)
    let closed = false
    app.addHook('onClose', async () => {
      closed = true
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const port = portOf(app)
    const closing = fake.hold('closing')
    const exit = fake.kill()
    await closing.reached
    await assert.rejects(request(port, '/livez'), { code: 'ECONNREFUSED' })
    assert.equal(closed, false)
    closing.release()
    await exit
    assert.equal(closed, true)
  })

  test('goes on when the last hold is released', async (t) => {
    const { app, fake } = await play(t)
    const holds = [fake.hold('draining'), fake.hold('draining')]
    const exit = fake.kill()
    await holds[1]?.reached
    holds[0]?.release()
    assert.equal((await app.inject('/')).statusCode, 503)
    holds[1]?.release()
    assert.equal((await exit).exitCode, 0)
  })

  test('is not held where it was released before', async (t) => {
    const { fake } = await play(t)
    fake.hold('draining').release()
    assert.equal((await fake.kill()).exitCode, 0)
  })

  test('is a bare close, too', async (t) => {
    const { app, fake } = await play(t)
    const draining = fake.hold('draining')
    const closed = app.close()
    await draining.reached
    draining.release()
    await closed
  })

  test('says so if it is never reached', async (t) => {
    const { fake } = await play(t, { deadline: 300 })
    fake.hold('lameDuck')
    const closing = fake.hold('closing')
    void fake.kill()
    await assert.rejects(closing.reached, {
      code: 'FST_LIFECYCLE_TEST_NOT_REACHED',
      message: /before the phase 'closing' began, with exit code 1/
    })
  })

  test('cannot be held when it has begun', async (t) => {
    const { fake } = await play(t)
    using draining = fake.hold('draining')
    void fake.kill()
    await draining.reached
    assert.throws(() => fake.hold('lameDuck'), { code: 'FST_LIFECYCLE_TEST_TOO_LATE' })
  })
})

describe('close()', () => {
  test('ends what the test has left open', async () => {
    const app = await build()
    const fake = fakeProcess(app)
    const draining = fake.hold('draining')
    void fake.kill()
    await draining.reached
    await fake.close()
    assert.equal(app.lifecycle.phase, 'closed')
  })

  test('closes an app that nothing has ended, also by `await using`', async () => {
    const app = await build()
    {
      await using _fake = fakeProcess(app)
    }
    assert.equal(app.lifecycle.report?.reason.type, 'close')
  })

  test('does not wait for work that would not hold a real process', async () => {
    const app = await build({ deadline: 300 })
    app.addHook('onClose', () => new Promise<void>(() => {}))
    const fake = fakeProcess(app)
    await fake.kill()
    await fake.close()
    assert.equal(app.lifecycle.report?.outcome, 'deadline')
  })
})

describe('a fake process refuses', () => {
  test('what is not an app with the plugin, and says what it is', () => {
    for (const [app, what] of [
      [undefined, /but got undefined/],
      [Fastify(), /but got an object without `lifecycle`/],
      [[Fastify()], /but got an object without `lifecycle`/],
      [[], /but got an empty array/],
      [{ lifecycle: {} }, /but got one of another version/]
    ] as const) {
      assert.throws(() => fakeProcess(app as never), { code: 'FST_LIFECYCLE_TEST_APP', message: what })
    }
  })

  test('an app that has begun to shut down', async () => {
    const app = await build()
    await app.close()
    assert.throws(() => fakeProcess(app), {
      code: 'FST_LIFECYCLE_TEST_TOO_LATE',
      message: /in the phase 'closed'/
    })
  })

  test('options that there are not', async (t) => {
    const app = await build({ signals: false })
    cleanup(t, () => app.close())
    assert.throws(() => fakeProcess(app, { maxwait: 1 } as never), {
      code: 'FST_LIFECYCLE_OPTION_UNKNOWN',
      message: /Did you mean 'maxWait'/
    })
    assert.throws(() => fakeProcess(app, { maxWait: -1 }), { code: 'FST_LIFECYCLE_OPTION_INVALID' })
  })

  test('a phase that cannot be held', async (t) => {
    const { fake } = await play(t)
    assert.throws(() => fake.hold('ready' as never), { code: 'FST_LIFECYCLE_OPTION_INVALID' })
  })

  test('a signal that no app listens to, because a real one would end the process at once', async (t) => {
    const { fake } = await play(t, { signals: ['SIGTERM'], crashes: false })
    assert.throws(() => fake.kill('SIGINT'), {
      code: 'FST_LIFECYCLE_TEST_UNHEARD',
      message: /listens to SIGINT.*`signals`/
    })
    assert.throws(() => fake.crash(new Error()), { message: /listens to crashes.*`crashes`/ })
    await fake.kill()
    assert.equal((await fake.kill()).exitCode, 0)
  })

  test('everything once its apps are closed', async (t) => {
    const { app, fake } = await play(t)
    await app.close()
    assert.throws(() => fake.kill(), { code: 'FST_LIFECYCLE_TEST_UNHEARD' })
    assert.throws(() => fake.crash(new Error()), { code: 'FST_LIFECYCLE_TEST_UNHEARD' })
  })
})

test('the key to a life is the same in every copy of this package', async () => {
  const app = await build()
  const key = Symbol.for('fastify-lifecycle.life.3')
  assert.equal((app.lifecycle as { [key]?: unknown })[key], lifeOf(app.lifecycle))
  await app.close()
})

/** A watchdog of the real process, and no other, while an app moves and ends. */
async function endsWatchdog(
  t: TestContext,
  end: (fake: FakeProcess, app: FastifyInstance) => PromiseLike<unknown>
): Promise<void> {
  const workers: Worker[] = []
  const onWorker = (worker: Worker) => workers.push(worker)
  process.on('worker', onWorker)
  cleanup(t, () => process.off('worker', onWorker))
  const app = await build({ hardKill: { stall: 60_000 } })
  const [worker] = workers as [Worker]
  const ended = once(worker, 'exit')
  keepAlive(t)
  await end(fakeProcess(app), app)
  await ended
  assert.equal(workers.length, 1)
}

test('the first signal after a shutdown that began without one is no second one', async (t) => {
  const { app, fake } = await play(t)
  const draining = fake.hold('draining')
  app.lifecycle.shutdown('by hand')
  await draining.reached
  await sleep(520)
  const exit = fake.kill()
  draining.release()
  const { exitCode, report } = await exit
  assert.deepEqual([exitCode, report.outcome, report.reason.type], [0, 'clean', 'shutdown'])
})
