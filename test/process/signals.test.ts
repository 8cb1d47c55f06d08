import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type AppProcess, startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'
import { aLongTime, assertWithin, endsItself, inTime, Late } from '../support/in-time.ts'

const held = { hooks: [{ name: 'db', does: 'hold' }] } as const
const boundary = { fixture: 'boundary' } as const

describe('signals', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} shuts down by default`, async (t) => {
      const app = await startApp(t)
      app.kill(signal)
      assert.equal((await app.exited).code, 0)
      assert.deepEqual(app.report.reason, { type: 'signal', signal })
    })
  }

  test('a signal that is not asked for keeps its default action', async (t) => {
    const app = await startApp(t, { options: { signals: ['SIGUSR2'] } })
    app.kill('SIGTERM')
    assert.equal((await app.exited).signal, 'SIGTERM')
  })

  for (const signal of ['SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const) {
    test(`${signal} shuts down where it is asked for`, async (t) => {
      const app = await startApp(t, { options: { signals: [signal] } })
      app.kill(signal)
      assert.equal((await app.exited).code, 0)
    })
  }

  test('with signals: false nothing listens to the process', async (t) => {
    const app = await startApp(t, { options: { signals: false } })
    app.kill('SIGTERM')
    assert.equal((await app.exited).signal, 'SIGTERM')
  })

  test('a burst of a hundred signals within half a second is one', (t) =>
    inTime(t, async () => {
      const app = await startApp(t, held)
      for (let count = 0; count < 100; count++) app.kill(count % 2 === 0 ? 'SIGTERM' : 'SIGINT')
      await app.message({ hook: 'db' })
      app.tell('release db')
      const { code } = await app.exited
      const { outcome, duration } = app.report
      // By the app's own clock the burst lasted longer, and then the last ones count.
      if (outcome === 'abandoned' && duration > 500) throw new Late('the burst')
      assert.equal(code, 0)
    }))
})

/** So long that one Ctrl-C cannot be taken for the one before. */
const later = () => new Promise((resolve) => setTimeout(resolve, 600))

const repeats = ({ logs }: Pick<AppProcess, 'logs'>) =>
  logs.filter(({ code }) => code === 'LIFECYCLE_SIGNAL_REPEATED').map(({ signal, msg }) => [signal, msg])

describe('a repeated', () => {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const) {
    test(`${signal} changes nothing, however often it comes, and is logged once`, async (t) => {
      const app = await startApp(t, { ...held, options: { signals: [signal] } })
      const answer = request(app.port, '/held/a')
      await app.message({ arrived: '/held/a' })
      app.kill(signal)
      await app.phase('draining')
      await later()
      app.kill(signal)
      await app.logged('LIFECYCLE_SIGNAL_REPEATED')
      app.kill(signal)
      app.tell('answer a')
      assert.equal((await answer).status, 200)
      await app.message({ hook: 'db' })
      app.kill(signal)
      app.tell('release db')
      assert.equal((await app.exited).code, 0)
      assert.equal(app.report.outcome, 'clean')
      const [first, ...others] = repeats(app)
      assert.deepEqual(others, [])
      assert.match(String(first), new RegExp(`^${signal},${signal} came \\d+ ms after .* changes nothing`))
    })
  }

  test('SIGTERM after a SIGINT changes nothing: a process manager sends it to all, when one has ended', async (t) => {
    const app = await startApp(t, held)
    app.kill('SIGINT')
    await app.message({ hook: 'db' })
    await later()
    app.kill('SIGTERM')
    await app.logged('LIFECYCLE_SIGNAL_REPEATED')
    app.tell('release db')
    assert.equal((await app.exited).code, 0)
  })

  test('SIGTERM that a library sends when it has stopped itself changes nothing', async (t) => {
    const app = await startApp(t, { ...held, case: 'a library that sends the signal again' }, boundary)
    app.kill('SIGTERM')
    await app.message({ sentAgain: true })
    await app.message({ hook: 'db' })
    await app.logged('LIFECYCLE_SIGNAL_REPEATED')
    app.tell('release db')
    assert.equal((await app.exited).code, 0)
    assert.equal(app.report.outcome, 'clean')
  })

  test('SIGTERM says nothing after the report, which is the last line', async (t) => {
    const app = await startApp(t, { case: 'a log that takes long to flush' }, boundary)
    app.kill('SIGTERM')
    await app.message({ flushing: true })
    app.kill('SIGTERM')
    app.kill('SIGINT')
    app.tell('flushed')
    assert.equal((await app.exited).code, 0)
    assert.deepEqual(repeats(app), [])
  })

  test('SIGINT in the lame duck ends its window, and one more exits 1 at once, with the report', async (t) => {
    const app = await startApp(t, { ...held, options: { lameDuck: aLongTime / 2 } })
    app.kill('SIGINT')
    await app.phase('lameDuck')
    await later()
    // As a terminal and npm before the app send it.
    for (let count = 0; count < 3; count++) app.kill('SIGINT')
    await app.message({ hook: 'db' })
    await app.logged('LIFECYCLE_SIGNAL_REPEATED')
    assert.match(String(repeats(app)), /^SIGINT,SIGINT came \d+ ms after .* the lame duck ends now/)
    await later()
    app.kill('SIGINT')
    assert.equal((await app.exited).code, 1)
    const { outcome, lameDuck, hooks } = app.report
    assert.equal(outcome, 'abandoned')
    assert.equal(lameDuck.ended, 'signal')
    assert.ok(lameDuck.saved > 0)
    assert.deepEqual(
      hooks.map(({ name, outcome }) => [name, outcome]),
      [['db', 'unfinished']]
    )
  })

  test('SIGINT in the lame duck, and no more of them, makes a clean end', async (t) => {
    const app = await startApp(t, { options: { lameDuck: { max: aLongTime / 2, min: aLongTime / 2 } } })
    app.kill('SIGTERM')
    await app.phase('lameDuck')
    await later()
    app.kill('SIGINT')
    assert.equal((await app.exited).code, 0)
    assert.deepEqual([app.report.outcome, app.report.lameDuck.ended], ['clean', 'signal'])
  })

  test('SIGINT after the lame duck exits 1 at once, with the report of what was abandoned', async (t) => {
    const app = await startApp(t, { hooks: [{ name: 'logs', does: 'nothing' }, ...held.hooks] })
    app.kill('SIGINT')
    await app.message({ hook: 'db' })
    await later()
    app.kill('SIGINT')
    assert.equal((await app.exited).code, 1)
    assert.equal(app.report.outcome, 'abandoned')
    assert.deepEqual(
      app.report.hooks.map(({ name, outcome, waitedFor }) => [name, outcome, waitedFor]),
      [
        ['db', 'unfinished', []],
        ['logs', 'unstarted', ['db']]
      ]
    )
  })
})

describe('with exit: false', () => {
  test('a second Ctrl-C reports what was abandoned and lets the process live; a third has its default action', async (t) => {
    const app = await startApp(t, { ...held, options: { exit: false } })
    app.kill('SIGINT')
    await app.message({ hook: 'db' })
    await later()
    app.kill('SIGINT')
    await app.message({ reported: 'abandoned' })
    // It says so a moment before it lets go of the signal.
    const third = setInterval(() => app.kill('SIGINT'), 50)
    t.after(() => clearInterval(third))
    assert.equal((await app.exited).signal, 'SIGINT')
  })

  test('a second SIGTERM changes nothing', async (t) => {
    const app = await startApp(t, { ...held, options: { exit: false } })
    app.kill('SIGTERM')
    await app.message({ hook: 'db' })
    await later()
    app.kill('SIGTERM')
    await app.logged('LIFECYCLE_SIGNAL_REPEATED')
    app.tell('release db')
    await app.message({ reported: 'clean' })
    app.end()
  })
})

describe('the deadline', () => {
  test('ends the process with code 1 and a report that names the hook that was still running', (t) =>
    inTime(t, async () => {
      const app = await startApp(t, { options: endsItself(800), hooks: [{ name: 'stuck', does: 'hang' }] })
      const signalled = app.kill('SIGTERM')
      const { code, at } = await app.exited
      assert.equal(code, 1)
      assert.deepEqual(
        app.report.hooks.map(({ name, outcome }) => [name, outcome]),
        [['stuck', 'timeout']]
      )
      assertWithin(at - signalled, 800 + app.soon, 'the end')
    }))
})

describe('crashes', () => {
  for (const [word, type] of [
    ['throw', 'uncaughtException'],
    ['reject', 'unhandledRejection']
  ] as const) {
    test(`an ${type} is logged once, skips the lame duck, drains, and exits 1`, async (t) => {
      const app = await startApp(t, { options: { lameDuck: 3_000 } }, { fixture: 'crash' })
      const answer = request(app.port, '/held/a')
      await app.message({ arrived: '/held/a' })
      app.tell(word)
      await app.phase('draining')
      app.tell('answer a')
      assert.equal((await answer).status, 200)
      assert.equal((await app.exited).code, 1)
      await app.message({ reason: type })
      assert.equal(app.report.reason.type, type)
      const { reason } = app.report
      assert.match(String('error' in reason && reason.error.message), /^nobody/)
      assert.equal(app.logs.filter(({ level }) => level === 60).length, 1)
    })
  }

  test('a stray rejection while draining cuts nothing short, and is in the report', async (t) => {
    const app = await startApp(t, {}, { fixture: 'crash' })
    const answer = request(app.port, '/held/a')
    await app.message({ arrived: '/held/a' })
    app.kill('SIGTERM')
    await app.phase('draining')
    app.tell('reject')
    app.tell('throw')
    app.tell('answer a')
    assert.equal((await answer).status, 200)
    assert.equal((await app.exited).code, 1)
    assert.deepEqual(app.report.crashes.map(({ message }) => message).sort(), [
      'nobody awaited this',
      'nobody caught this'
    ])
  })

  test('one that comes while the app is closed is in the report, and the exit code is 1', async (t) => {
    const app = await startApp(t, held, { fixture: 'crash' })
    app.tell('close')
    await app.message({ hook: 'db' })
    app.tell('reject')
    await app.logged('LIFECYCLE_CRASH')
    app.tell('release db')
    assert.equal((await app.exited).code, 1)
    assert.equal(app.report.reason.type, 'close')
    assert.deepEqual(
      app.report.crashes.map(({ message }) => message),
      ['nobody awaited this']
    )
  })

  test('a listener of the phase event that throws is survived', async (t) => {
    const app = await startApp(t, { throwingListener: true }, { fixture: 'crash' })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 0)
    assert.ok(app.logs.some(({ msg }) => /listener of the lifecycle's 'phase' event failed/.test(msg)))
  })

  test('is said on stderr where nothing is logged, as Node.js would have', async (t) => {
    const app = await startApp(t, { logger: false, ...held }, { fixture: 'crash' })
    app.tell('throw')
    await app.message({ hook: 'db' })
    app.tell('reject')
    await app.complained('nobody awaited this')
    app.tell('release db')
    assert.equal((await app.exited).code, 1)
    assert.match(app.stderr, /uncaughtException: shutting down.*\nError: nobody caught this\n +at /)
    assert.match(app.stderr, /\nunhandledRejection while shutting down.*\nError: nobody awaited this\n +at /)
  })

  test('is survived where nothing is logged and nobody reads stderr', async (t) => {
    const app = await startApp(t, { logger: false, ...held }, { fixture: 'crash' })
    app.closeOutput()
    app.tell('throw')
    await app.message({ hook: 'db' })
    app.tell('release db')
    assert.equal((await app.exited).code, 1)
    await app.message({ reported: 'failed' })
  })

  test('in a listener of a request that is cut keeps nothing from its end', async (t) => {
    const app = await startApp(t, { options: { drainTimeout: 100 } }, { fixture: 'crash' })
    for (const path of ['/hung/a', '/hung/b']) {
      request(app.port, path).catch(() => {})
      await app.message({ arrived: path })
    }
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 1)
    await app.message({ reason: 'signal' })
    const { requests, crashes, outcome } = app.report
    assert.deepEqual([requests.cut.length, outcome], [2, 'failed'])
    assert.equal(crashes[0]?.message, 'a listener of a request threw')
  })

  test('with crashes: false a crash is left to Node.js', async (t) => {
    const app = await startApp(t, { options: { crashes: false } }, { fixture: 'crash' })
    app.tell('throw')
    assert.equal((await app.exited).code, 1)
    assert.match(app.stderr, /nobody caught this/)
  })
})

describe('two apps in one process', () => {
  const copies = [
    'one copy of the package',
    'two copies of it',
    'its modules and the published files'
  ] as const
  for (const having of copies) {
    test(`both finish their hooks before the one exit, with ${having}`, async (t) => {
      const setup = { copy: undefined as string | undefined, isPublished: having === copies[2] }
      if (having === copies[1]) {
        // Inside the project, so that the copy finds its dependencies.
        const directory = await mkdtemp(join(fileURLToPath(new URL('../../..', import.meta.url)), '.copy-'))
        t.after(() => rm(directory, { recursive: true }))
        await rm(directory, { recursive: true })
        setup.copy = directory
      }
      // What is published is compiled once more, and would be counted once more.
      const env = setup.isPublished ? { NODE_V8_COVERAGE: '' } : {}
      const app = await startApp(t, setup, { fixture: 'two-apps', env })
      const [one, both] = await Promise.all([app.message({ app: 'a' }), app.message({ app: 'b' })])
      assert.equal(both['isOther'], having !== copies[0])
      assert.equal(both['listeners'], one['listeners'])
      app.kill('SIGTERM')
      await Promise.all([app.message({ hook: 'a' }), app.message({ hook: 'b' })])
      app.tell('release a')
      await app.message({ released: 'a' })
      app.tell('release b')
      await app.message({ released: 'b' })
      assert.equal((await app.exited).code, 0)
      assert.equal(app.logs.filter(({ code }) => code === 'LIFECYCLE_REPORT').length, 2)
    })
  }
})

describe('a shutdown that did not begin with a signal', () => {
  test('takes the first that comes for the first, and only a later Ctrl-C for the second', async (t) => {
    const app = await startApp(t, held, { fixture: 'crash' })
    app.tell('throw')
    await app.message({ hook: 'db' })
    await later()
    app.kill('SIGINT')
    await app.logged('LIFECYCLE_SIGNAL_REPEATED')
    await later()
    assert.equal(app.logs.at(-1)?.report, undefined)
    app.kill('SIGINT')
    assert.equal((await app.exited).code, 1)
    assert.equal(app.report.outcome, 'abandoned')
  })
})
