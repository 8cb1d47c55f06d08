import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { makeApp } from '../../support/in-process.ts'

describe('a hook with a signal', () => {
  test('is taken back when the signal aborts: it does not run, and is in no report', async (t) => {
    const app = await makeApp(t)
    const ran: string[] = []
    const left = new AbortController()
    app
      .onShutdown('db', () => void ran.push('db'))
      .onShutdown('session', { signal: left.signal }, () => void ran.push('session'))
      .onShutdown('cache', () => void ran.push('cache'))
    await app.ready()
    left.abort()
    await app.close()
    assert.deepEqual(ran, ['cache', 'db'])
    assert.deepEqual(
      app.lifecycle.report?.hooks.map(({ name, waitedFor }) => [name, waitedFor]),
      [
        ['cache', []],
        ['db', ['cache']]
      ]
    )
  })

  test('runs as any other where the signal does not abort', async (t) => {
    const app = await makeApp(t)
    const ran: string[] = []
    app.onShutdown({
      name: 'session',
      signal: new AbortController().signal,
      handler: () => void ran.push('it')
    })
    await app.close()
    assert.deepEqual(ran, ['it'])
  })

  test('is not registered where the signal has aborted already, not even too late', async (t) => {
    const app = await makeApp(t)
    const signal = AbortSignal.abort()
    app.onShutdown('db', { signal }, () => assert.fail('it ran')).onShutdown('db', () => {})
    await app.close()
    assert.equal(
      app.onShutdown('late', { signal }, () => {}),
      app
    )
    assert.deepEqual(
      app.lifecycle.report?.hooks.map(({ name }) => name),
      ['db']
    )
  })

  test('gives its name back, so that the next connection can register its own', async (t) => {
    const app = await makeApp(t)
    const ran: number[] = []
    await app.ready()
    for (const connection of [1, 2, 3]) {
      const lost = new AbortController()
      app.onShutdown('session', { signal: lost.signal }, () => void ran.push(connection))
      if (connection < 3) lost.abort()
    }
    await app.close()
    assert.deepEqual(ran, [3])
  })

  test('may be taken back while the shutdown waits for another one, and those behind it run', async (t) => {
    const app = await makeApp(t)
    const ran: string[] = []
    const left = new AbortController()
    app
      .onShutdown('db', () => void ran.push('db'))
      .onShutdown('session', { signal: left.signal }, () => void ran.push('session'))
      .onShutdown('worker', async () => {
        await new Promise((resolve) => setImmediate(resolve))
        left.abort()
        ran.push('worker')
      })
    await app.close()
    assert.deepEqual(ran, ['worker', 'db'])
    const { hooks, outcome } = app.lifecycle.report ?? assert.fail()
    assert.equal(outcome, 'clean')
    assert.deepEqual(
      hooks.map(({ name, waitedFor }) => [name, waitedFor]),
      [
        ['worker', []],
        ['db', []]
      ]
    )
  })

  test('goes on where it has begun', async (t) => {
    const app = await makeApp(t)
    const left = new AbortController()
    let isDone = false
    app.onShutdown('session', { signal: left.signal }, async () => {
      left.abort()
      await new Promise((resolve) => setImmediate(resolve))
      isDone = true
    })
    await app.close()
    assert.equal(isDone, true)
    assert.deepEqual(
      app.lifecycle.report?.hooks.map(({ name, outcome }) => [name, outcome]),
      [['session', 'ok']]
    )
  })

  test('may share its signal with any number of hooks, without a warning', async (t) => {
    const warnings: string[] = []
    const hear = ({ name }: Error) => void warnings.push(name)
    process.on('warning', hear)
    t.after(() => process.off('warning', hear))
    const app = await makeApp(t)
    const left = new AbortController()
    const ran: string[] = []
    for (let hook = 0; hook < 11; hook++) {
      app.onShutdown({
        name: `hook ${hook}`,
        signal: left.signal,
        handler: ({ name }) => void ran.push(name)
      })
    }
    app.onShutdown('stays', ({ name }) => void ran.push(name))
    left.abort()
    await app.close()
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(ran, ['stays'])
    assert.deepEqual(warnings, [])
  })

  test('that others depend on leaves them without it, and keeps their order', async (t) => {
    const app = await makeApp(t)
    const ran: string[] = []
    const left = new AbortController()
    app
      .onShutdown('db', () => void ran.push('db'))
      .onShutdown('outbox', { dependsOn: ['broker', 'db'] }, () => void ran.push('outbox'))
      .onShutdown('broker', { signal: left.signal }, () => void ran.push('broker'))
      .onShutdown('mails', { dependsOn: ['outbox'] }, () => void ran.push('mails'))
    await app.ready()
    left.abort()
    await app.close()
    assert.deepEqual(ran, ['mails', 'outbox', 'db'])
  })

  test('that comes again under a name that others depend on is checked against them', async (t) => {
    const app = await makeApp(t)
    const lost = new AbortController()
    app
      .onShutdown('session', { signal: lost.signal }, () => {})
      .onShutdown('outbox', { dependsOn: ['session'] }, () => {})
    await app.ready()
    lost.abort()
    const again = (schedule: object) => () => app.onShutdown('session', schedule, () => {})
    assert.throws(again({ dependsOn: ['outbox'] }), { code: 'FST_LIFECYCLE_HOOK_CYCLE' })
    assert.throws(again({ phase: 'draining' }), { code: 'FST_LIFECYCLE_HOOK_ORDER' })
    again({})()
    await app.close()
    assert.deepEqual(
      app.lifecycle.report?.hooks.map(({ name }) => name),
      ['outbox', 'session']
    )
  })

  test('is an unknown dependency for a hook that comes later', async (t) => {
    const app = await makeApp(t)
    const left = new AbortController()
    app.onShutdown('session', { signal: left.signal }, () => {})
    await app.ready()
    left.abort()
    assert.throws(() => app.onShutdown('outbox', { dependsOn: ['session'] }, () => {}), {
      code: 'FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN'
    })
  })

  test('needs a real one', async (t) => {
    const app = await makeApp(t)
    for (const signal of [null, 'SIGTERM', {}, new AbortController(), { aborted: false }]) {
      assert.throws(() => app.onShutdown('db', { signal: signal as never }, () => {}), {
        code: 'FST_LIFECYCLE_OPTION_INVALID',
        message: /onShutdown\('db'\)\.signal.* an AbortSignal/
      })
    }
  })
})

describe('hooks without a name', () => {
  test('get numbers that nobody has, however many are taken back', async (t) => {
    const app = await makeApp(t)
    const left = new AbortController()
    const add = (signal?: AbortSignal) => app.onShutdown({ signal, handler: function flush() {} })
    add()
    app.onShutdown('flush-3', () => {})
    add(left.signal)
    add()
    left.abort()
    add()
    await app.close()
    const names = app.lifecycle.report?.hooks.map(({ name }) => name)
    assert.deepEqual(names, ['flush-5', 'flush-4', 'flush-3', 'flush'])
  })
})

describe('lifecycle.drainSignal', () => {
  test('aborts when the drain begins, later than lifecycle.signal, with the reason', async (t) => {
    const app = await makeApp(t)
    const { signal, drainSignal } = app.lifecycle
    const order: string[] = []
    const note = (what: string) => () => void order.push(`${what} in ${app.lifecycle.phase}`)
    signal.addEventListener('abort', note('signal'))
    drainSignal.addEventListener('abort', note('drainSignal'))
    app.onShutdown('before', { phase: 'lameDuck' }, () => assert.equal(drainSignal.aborted, false))
    app.onShutdown('beside', { phase: 'draining' }, note('hook'))
    app.addHook('preClose', async () => note('preClose')())
    await app.close()
    assert.deepEqual(order, [
      'signal in starting',
      'drainSignal in draining',
      'hook in draining',
      'preClose in draining'
    ])
    assert.deepEqual(drainSignal.reason, { type: 'close' })
  })

  test('may have as many listeners as there are streams, without a warning', async (t) => {
    const warnings: string[] = []
    const hear = ({ name }: Error) => void warnings.push(name)
    process.on('warning', hear)
    t.after(() => process.off('warning', hear))
    const app = await makeApp(t)
    let heard = 0
    for (let stream = 0; stream < 100; stream++) {
      app.lifecycle.drainSignal.addEventListener('abort', () => heard++)
    }
    await app.close()
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(heard, 100)
    assert.deepEqual(warnings, [])
  })
})
