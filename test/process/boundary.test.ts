import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { FixtureSetup } from '../fixtures/serve.ts'
import { AppProcess, startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'
import { endsItself } from '../support/in-time.ts'

const start = (t: TestContext, setup: FixtureSetup) => startApp(t, setup, { fixture: 'boundary' })

/** Starts an app that does not listen yet. */
function boot(t: TestContext, setup: FixtureSetup): AppProcess {
  const app = new AppProcess('boundary', setup, {})
  t.after(() => app.end())
  return app
}

describe('a signal before the app is ready', () => {
  test('waits for the boot, closes what it has opened, and does not listen: that is refused with a code', async (t) => {
    const app = boot(t, { case: 'slow boot' })
    await app.message({ booting: true })
    app.kill('SIGTERM')
    await app.message({ ending: true })
    app.tell('boot')
    assert.equal((await app.exited).code, 0)
    await app.message({ hook: 'of the plugin' })
    await app.message({ refused: 'FST_LIFECYCLE_LISTEN_REFUSED' })
    assert.equal(app.report.outcome, 'clean')
    assert.deepEqual(app.report.crashes, [])
    assert.equal(
      app.logs.some(({ msg }) => /Server listening/.test(msg)),
      false
    )
  })

  test('survives that the boot fails', async (t) => {
    const app = boot(t, { case: 'failing boot', hooks: [{ name: 'db', does: 'nothing' }] })
    await app.message({ booting: true })
    app.kill('SIGTERM')
    await app.message({ ending: true })
    app.tell('boot')
    assert.equal((await app.exited).code, 0)
    await app.message({ hook: 'db' })
  })

  test('does not wait longer than the deadline', async (t) => {
    const app = boot(t, {
      case: 'slow boot',
      options: endsItself(1_500),
      hooks: [{ name: 'db', does: 'nothing' }]
    })
    await app.message({ booting: true })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 1)
    assert.equal(app.report.outcome, 'deadline')
    // The hooks that are registered by then have had their turn.
    await app.message({ hook: 'db' })
  })
})

describe('lifecycle.shutdown()', () => {
  test('from a request lets its own answer out', async (t) => {
    const app = await start(t, { case: 'shutdown from a request' })
    const { status, body, headers } = await request(app.port, '/shutdown', { method: 'POST' })
    assert.deepEqual([status, body, headers.connection], [200, 'bye', 'close'])
    assert.equal((await app.exited).code, 0)
    assert.deepEqual(app.report.reason, { type: 'shutdown', message: 'asked to' })
  })

  test('from a hook changes nothing', async (t) => {
    const app = await start(t, { case: 'shutdown from a hook' })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 0)
    assert.deepEqual(app.report.reason, { type: 'signal', signal: 'SIGTERM' })
  })

  test('before the app is ready lets it boot, and ends it', async (t) => {
    const app = boot(t, { case: 'shutdown before ready' })
    assert.equal((await app.exited).code, 0)
    assert.deepEqual(app.report.reason, { type: 'shutdown', message: 'changed my mind' })
  })
})

describe('what the shutdown waits for, and waits for the shutdown itself,', () => {
  for (const [name, who, call] of [
    ['awaits close() in a hook', "hook 'apollo'", '`app.close()`'],
    ['awaits shutdown() in a hook', "hook 'apollo'", '`lifecycle.shutdown()`'],
    ['awaits close() in preClose', "hook 'preClose 1'", '`app.close()`'],
    ['awaits shutdown() in onClose', 'an `onClose` hook', '`lifecycle.shutdown()`']
  ] as const) {
    test(`is named, and goes on at once: ${name}`, async (t) => {
      const app = await start(t, { case: name })
      app.kill('SIGTERM')
      assert.equal((await app.exited).code, 0)
      assert.equal(app.report.outcome, 'clean')
      const lines = app.logs.filter(({ code }) => code === 'LIFECYCLE_WAITS_FOR_ITSELF')
      assert.deepEqual(
        lines.map((line) => [line['who'], line['call']]),
        [[who, call]]
      )
    })
  }

  test('gets the report so far', async (t) => {
    const app = await start(t, { case: 'awaits shutdown() in a hook' })
    app.kill('SIGTERM')
    assert.deepEqual(await app.about('soFar'), ['apollo unfinished'])
  })

  test('is no more that once its hook has ended', async (t) => {
    const app = await start(t, { case: 'closes after a hook' })
    app.kill('SIGTERM')
    await app.message({ closed: 'closed' })
    assert.equal((await app.exited).code, 0)
    assert.ok(app.logs.every(({ code }) => code !== 'LIFECYCLE_WAITS_FOR_ITSELF'))
  })
})

describe('a crash', () => {
  test('in a hook is survived, and reported', async (t) => {
    const app = await start(t, { case: 'throws later in a hook' })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 1)
    assert.deepEqual(
      app.report.crashes.map(({ message }) => message),
      ['thrown later']
    )
    assert.deepEqual(
      app.report.hooks.map(({ outcome }) => outcome),
      ['ok']
    )
  })

  test('of a hook with a value that cannot be read is still reported', async (t) => {
    const app = await start(t, { case: 'fails with what cannot be looked at' })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 1)
    const [hook] = app.report.hooks
    assert.equal(hook?.error?.message, 'unreadable')
    assert.deepEqual([hook?.outcome, hook?.error?.name], ['error', 'Error'])
    assert.match(app.logs.find(({ code }) => code === 'LIFECYCLE_HOOK')?.msg ?? '', /^hook 'db' failed /)
  })

  test('in the error handler costs late requests nothing: no error handler sees the 503', async (t) => {
    const app = await start(t, {
      case: 'throws in the error handler',
      hooks: [{ name: 'drain', phase: 'draining', does: 'hold' }]
    })
    app.kill('SIGTERM')
    await app.phase('draining')
    assert.equal((await request(app.port, '/failing')).status, 503)
    app.tell('release drain')
    assert.equal((await app.exited).code, 0)
  })
})

describe('someone else who listens to the signal', () => {
  const warnings = ({ logs }: AppProcess) =>
    logs.filter(({ level }) => level === 40).map(({ code, listeners }) => [code, listeners])
  const warning = (listener: string) => ['LIFECYCLE_SIGNAL_CONTESTED', [{ signal: 'SIGTERM', listener }]]

  test('is named when the app is ready, once', async (t) => {
    const contested = await start(t, { case: 'contested signal' })
    await contested.logged('LIFECYCLE_SIGNAL_CONTESTED')
    const alone = await start(t, {})
    for (const app of [contested, alone]) {
      app.kill('SIGTERM')
      assert.equal((await app.exited).code, 0)
    }
    assert.deepEqual(warnings(contested), [warning('() => { }')])
    assert.deepEqual(warnings(alone), [])
  })

  test('is named when the signal comes, where it has come late', async (t) => {
    const app = await start(t, { case: 'contested signal, and later once more' })
    await app.logged('LIFECYCLE_SIGNAL_CONTESTED')
    assert.equal((await request(app.port, '/late')).status, 200)
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 0)
    assert.deepEqual(warnings(app), [warning('() => { }'), warning('function late() { }')])
  })

  test('and was there before the plugin finds the shutdown begun, so that its exit is reported', async (t) => {
    const app = await start(t, { case: 'contested signal', exitsAtSignal: 75 })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 75)
    // Perhaps not the last one: pino may have given the line before it to the thread pool, which writes it later.
    const line = app.logs.find(({ code }) => code === 'LIFECYCLE_EXIT_BY_OTHERS')
    assert.equal(line?.['exitCode'], 75, `${app.stdout}${app.stderr}`)
  })
})

test('an app that has a close-with-grace of its own is warned, and loses nothing, because that takes the same walk', async (t) => {
  const app = await start(t, { case: 'its own close-with-grace', hooks: [{ name: 'db', does: 'nothing' }] })
  await app.logged('LIFECYCLE_SIGNAL_CONTESTED')
  const slow = request(app.port, '/slow')
  await app.message({ arrived: true })
  app.kill('SIGTERM')
  await app.phase('draining')
  app.tell('answer')
  assert.equal((await slow).body, 'slow')
  await app.message({ hook: 'db' })
  assert.equal((await app.exited).code, 0)
})

describe('the exit code is', () => {
  const hung = { name: 'db', does: 'hang', timeout: 50 } as const
  const table: readonly [code: number, when: string, setup: FixtureSetup, outcome: string][] = [
    [0, 'after a clean shutdown', {}, 'clean'],
    [1, 'after a hook that failed', { hooks: [{ name: 'db', does: 'reject' }] }, 'failed'],
    [1, 'after a hook that took too long', { hooks: [hung] }, 'failed'],
    [1, 'after an onClose that failed', { case: 'failing onClose' }, 'failed'],
    [1, 'at the deadline', { case: 'hung onClose', options: endsItself(700) }, 'deadline']
  ]
  for (const [code, when, setup, outcome] of table) {
    test(`${code} ${when}`, async (t) => {
      const app = await start(t, setup)
      app.kill('SIGTERM')
      const exit = await app.exited
      assert.deepEqual([exit.code, exit.signal], [code, null])
      assert.deepEqual([app.report.exitCode, app.report.outcome], [code, outcome])
    })
  }
})

describe('the logger', () => {
  test('of another make works, without flush', async (t) => {
    const app = await start(t, { otherLogger: true })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 0)
    assert.match(app.stdout, /shutdown clean[^\n]*exit code 0\n$/)
  })

  test('of another make may throw at all that is no line', async (t) => {
    const app = await start(t, { otherLogger: 'broken', hooks: [{ name: 'db', does: 'nothing' }] })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 0)
    await app.message({ hook: 'db' })
    assert.match(app.stdout, /shutdown clean[^\n]*exit code 0\n$/)
  })

  test('may have been ended by a hook: the others run, and what is left to say is on stderr', async (t) => {
    const app = await start(t, { case: 'ends its log in a hook', ownStream: true })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 0)
    await app.message({ hook: 'db' })
    await app.message({ reported: 'clean' })
    assert.match(
      app.stderr,
      /^hook 'log' done [^\n]*\nhook 'db' done [^\n]*\n(?:closed\n)?shutdown clean [^\n]*\n$/
    )
  })

  test('may have lost its reader', async (t) => {
    const app = await start(t, { case: 'logs in the last hook' })
    app.closeOutput()
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 0)
  })

  test('that writes to process.stdout may have lost its reader: that is a crash, and does not go on for ever', async (t) => {
    const app = await start(t, { case: 'logs in the last hook', ownStream: true })
    app.closeOutput()
    app.kill('SIGTERM')
    const { code } = await app.exited
    assert.equal(code, 1)
  })

  const runs = Number(process.env['LOG_RUNS'] ?? 10)

  test(`of pino, with a transport thread, has every line of the last hook in the file, ${runs} times`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'fastify-lifecycle-'))
    t.after(() => rm(directory, { recursive: true, force: true }))
    const run = async (number: number) => {
      const logFile = join(directory, `${number}.log`)
      const app = await start(t, { case: 'logs in the last hook', logFile })
      app.kill('SIGTERM')
      assert.equal((await app.exited).code, 0)
      const lines = (await readFile(logFile, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      const fromHook = lines.filter(({ msg }) => msg === 'from the last hook').map(({ line }) => line)
      assert.deepEqual(
        fromHook,
        Array.from({ length: 500 }, (_, line) => line)
      )
      assert.equal(lines.at(-1).code, 'LIFECYCLE_REPORT')
    }
    for (let number = 0; number < runs; number++) await run(number)
  })
})
