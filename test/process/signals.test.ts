import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'

const held = { hooks: [{ name: 'db', does: 'hold' }] } as const

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

  test('a burst of a hundred signals within half a second is one', async (t) => {
    const app = await startApp(t, held)
    for (let count = 0; count < 100; count++) app.kill(count % 2 === 0 ? 'SIGTERM' : 'SIGINT')
    await app.message({ hook: 'db' })
    app.tell('release db')
    assert.equal((await app.exited).code, 0)
  })

  test('a second signal later on exits 1 at once, with the report of what was abandoned', async (t) => {
    const app = await startApp(t, { hooks: [{ name: 'logs', does: 'nothing' }, ...held.hooks] })
    app.kill('SIGINT')
    await app.message({ hook: 'db' })
    await new Promise((resolve) => setTimeout(resolve, 600))
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
  test('a second signal reports what was abandoned and lets the process live; a third has its default action', async (t) => {
    const app = await startApp(t, { ...held, options: { exit: false } })
    app.kill('SIGINT')
    await app.message({ hook: 'db' })
    await new Promise((resolve) => setTimeout(resolve, 600))
    app.kill('SIGINT')
    await app.message({ reported: 'abandoned' })
    // It says so a moment before it lets go of the signal.
    const third = setInterval(() => app.kill('SIGINT'), 50)
    t.after(() => clearInterval(third))
    assert.equal((await app.exited).signal, 'SIGINT')
  })
})

describe('the deadline', () => {
  test('ends the process with code 1 and a report that names the hook that was still running', async (t) => {
    const app = await startApp(t, {
      options: { deadline: 2_800, hookTimeout: 100_000, hardKill: { margin: 2_000 } },
      hooks: [{ name: 'stuck', does: 'hang' }]
    })
    const signalled = app.kill('SIGTERM')
    const { code, at } = await app.exited
    assert.equal(code, 1)
    assert.ok(at - signalled < 2_000, `took ${at - signalled} ms`)
    assert.deepEqual(
      app.report.hooks.map(({ name, outcome }) => [name, outcome]),
      [['stuck', 'timeout']]
    )
  })
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
      assert.match(String(app.report.reason.error?.message), /^nobody/)
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
    'what is imported and what is required'
  ] as const
  for (const having of copies) {
    test(`both finish their hooks before the one exit, with ${having}`, async (t) => {
      const setup = { copy: undefined as string | undefined, isRequired: having === copies[2] }
      if (having === copies[1]) {
        // Inside the project, so that the copy finds its dependencies.
        const directory = await mkdtemp(join(fileURLToPath(new URL('../../..', import.meta.url)), '.copy-'))
        t.after(() => rm(directory, { recursive: true }))
        await rm(directory, { recursive: true })
        setup.copy = directory
      }
      // What is required is compiled once more, and would be counted once more.
      const env = setup.isRequired ? { NODE_V8_COVERAGE: '' } : {}
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
  test('takes the first that comes for the first, and only a later one for the second', async (t) => {
    const app = await startApp(t, held, { fixture: 'crash' })
    app.tell('throw')
    await app.message({ hook: 'db' })
    await new Promise((resolve) => setTimeout(resolve, 600))
    app.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 600))
    assert.equal(app.logs.at(-1)?.report, undefined)
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 1)
    assert.equal(app.report.outcome, 'abandoned')
  })
})
