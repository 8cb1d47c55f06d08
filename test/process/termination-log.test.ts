import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { FixtureSetup } from '../fixtures/serve.ts'
import { startApp } from '../support/app-process.ts'
import { cleanup } from '../support/cleanup.ts'
import { inTime, Late } from '../support/in-time.ts'

const onLinux = process.platform === 'linux' ? {} : { skip: 'NOT CHECKED: it takes Linux' }
const deadline = 2_000

function logIn(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'termination-'))
  cleanup(t, () => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'log')
}

/** Starts an app, ends it as the test says, and reads what it has left. */
async function endOf(
  t: TestContext,
  { options, ...setup }: FixtureSetup,
  end: (app: Awaited<ReturnType<typeof startApp>>) => unknown = (app) => app.kill(),
  fixture = 'held'
) {
  const path = logIn(t)
  writeFileSync(path, 'of the process before\n')
  const app = await startApp(t, { ...setup, options: { ...options, terminationLog: path } }, { fixture })
  await end(app)
  const { code, signal } = await app.exited
  return { app, code, signal, text: readFileSync(path, 'utf8') }
}

describe('the main thread writes the termination log', () => {
  test('after a clean shutdown: the text of the last line, and nothing else', async (t) => {
    const { app, code, text } = await endOf(t, {})
    assert.equal(code, 0)
    assert.match(text, /^shutdown clean in .* \(SIGTERM\); exit code 0\n$/)
    assert.equal(text, `${app.logs.at(-1)?.msg}\n`)
  })

  test('after a shutdown that failed: with its cause', async (t) => {
    const hook = { name: 'outbox', does: 'hang', timeout: 100 } as const
    const { code, text } = await endOf(t, { hooks: [hook] }, undefined, 'app')
    assert.equal(code, 1)
    assert.match(text, /^shutdown failed in .* \(SIGTERM\): hook 'outbox' timed out after .*; exit code 1\n$/)
  })

  test('with the exit code that the process really has', async (t) => {
    const { code, text } = await endOf(t, { exitCode: 75 })
    assert.equal(code, 75)
    assert.match(text, /^shutdown clean in .*; exit code 75\n$/)
  })

  test('also where something else ends the process in the middle', async (t) => {
    const { code, text } = await endOf(t, { ends: 'exit' })
    assert.equal(code, 0)
    assert.match(
      text,
      /^shutdown interrupted after .* \(SIGTERM\): something else ended the process; hook 'ends the process' was not done after .*; hook 'db' did not start; exit code 0\n$/
    )
  })

  test('once, where the process goes on: how it ends later is not of the shutdown', async (t) => {
    const { code, text } = await endOf(t, { exitCode: 75, options: { exit: false } })
    assert.equal(code, 75)
    assert.match(text, /^shutdown clean in .* \(SIGTERM\); exit code 0\n$/)
  })

  test('of every app of the process', async (t) => {
    const release = async (app: Awaited<ReturnType<typeof startApp>>) => {
      await app.message({ app: 'b' })
      app.kill()
      for (const name of ['a', 'b']) {
        await app.message({ hook: name })
        app.tell(`release ${name}`)
      }
    }
    const { code, text } = await endOf(t, {}, release, 'two-apps')
    assert.equal(code, 0)
    assert.match(text, /^shutdown clean in .*\nshutdown clean in .*\n$/)
  })

  test('but not for `app.close()`, which ends no process', async (t) => {
    const { text } = await endOf(
      t,
      {},
      async (app) => {
        app.tell('close')
        await app.message({ reported: 'clean' })
        app.end()
      },
      'blocked'
    )
    assert.equal(text, 'of the process before\n')
  })
})

describe('the watchdog writes the termination log', () => {
  test('before it kills at the deadline', (t) =>
    inTime(t, async (times) => {
      const setup = { hook: 'loops', options: { deadline: times * deadline } }
      const { app, signal, text } = await endOf(t, setup)
      assert.equal(signal, 'SIGKILL')
      if (!text.startsWith('killed')) throw new Late('the termination log')
      const said =
        /^killed because the deadline has passed: no turn .* ms(.*); hook 'blocker' was not done\n$/
      assert.match(text, said)
      if (!said.exec(text)?.[1]?.startsWith(', in loopsInAHook (')) throw new Late('the stack')
      assert.equal(`${JSON.parse(app.stderr).msg}\n`, text)
    }))

  test('before it kills at a stall, also where no shutdown has begun', (t) =>
    inTime(t, async (times) => {
      const setup = { way: 'loop', options: { hardKill: { stall: times * 300 } } }
      const { signal, text } = await endOf(t, setup, (app) => app.tell('block'), 'blocked')
      assert.equal(signal, 'SIGKILL')
      if (!text.startsWith('killed')) throw new Late('the termination log')
      assert.match(text, /^killed because the event loop stalled: .*; phase 'ready'\n$/)
    }))

  test('after what the main thread has said, where something holds the exit', (t) =>
    inTime(t, async (times) => {
      const setup = { holder: 'listenerLoops', options: { deadline: times * deadline } }
      const { signal, text } = await endOf(t, setup, async (app) => {
        await app.message({ held: 'listenerLoops' })
        app.kill()
      })
      assert.equal(signal, 'SIGKILL')
      if (!text.includes('killed')) throw new Late('the termination log')
      assert.match(
        text,
        /^shutdown clean in .*; exit code 0\nkilled because .* held by the 'exit' listener 'loopsAtTheEnd'.*\n$/
      )
    }))

  test('with a thread of its own, where libuv’s pool is held', onLinux, (t) =>
    inTime(t, async (times) => {
      const setup = { hook: 'loops', holder: 'fifos', options: { deadline: times * deadline } }
      const { signal, text } = await endOf(t, setup, async (app) => {
        await app.message({ held: 'fifos' })
        app.kill()
      })
      assert.equal(signal, 'SIGKILL')
      if (!text.startsWith('killed')) throw new Late('the termination log')
    })
  )

  test('or not at all: a FIFO in its place holds neither the kill nor its line', onLinux, (t) =>
    inTime(t, async (times) => {
      const path = logIn(t)
      execFileSync('mkfifo', [path])
      const options = { deadline: times * deadline, terminationLog: path }
      const app = await startApp(t, { hook: 'loops', options }, { fixture: 'held' })
      const signalled = app.kill()
      const { signal, at } = await app.exited
      assert.equal(signal, 'SIGKILL')
      if (!app.stderr.includes('LIFECYCLE_HARD_KILL')) throw new Late('the line')
      const late = at - signalled - times * deadline
      t.diagnostic(`killed ${Math.round(late)} ms after the deadline`)
      if (late > 250 * times) throw new Late('the kill')
    })
  )
})
