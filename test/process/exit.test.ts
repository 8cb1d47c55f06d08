import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type AppProcess, startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'
import { canUnshare, type Holder, holders } from './exit/holders.ts'

// How long after the deadline a held process is gone depends on the machine: `exit/table.ts` measures it. Here it
// counts that the process ends, how, and what it says.

const deadline = 2_000
const canReplace = 'execve' in process
const onLinux = process.platform === 'linux' ? {} : { skip: 'NOT CHECKED: only Linux tells of threads' }

interface LastLine {
  readonly code: string
  readonly msg: string
  readonly exit: { readonly code: number; readonly listener?: string; readonly heldBy?: readonly string[] }
}

function lastLineOf(app: AppProcess): LastLine {
  const lines = app.stderr.split('\n').filter((line) => line.startsWith('{'))
  assert.equal(lines.length, 1, app.stderr)
  return JSON.parse(lines[0] as string)
}

function skipOf({ runner }: Holder): { skip?: string } {
  return runner !== undefined && !canUnshare ? { skip: 'NOT CHECKED: it takes root' } : onLinux
}

describe('a process whose end is held ends:', () => {
  for (const holder of holders) {
    test(holder.what, skipOf(holder), async (t) => {
      const { name, drainTimeout } = holder
      const setup = { holder: name, options: { deadline, ...(drainTimeout && { drainTimeout }) } }
      const runner = holder.runner?.(process.execPath) ?? {}
      const app = await startApp(t, setup, { fixture: 'held', ...runner })
      await app.message({ held: name })
      const signalled = app.kill()
      const { code, signal, at } = await app.exited
      t.diagnostic(`${signal ?? code}, ${Math.round(at - signalled)} ms after the signal`)
      const isKilled = holder.end === 'killed' || (holder.end === 'waits' && !canReplace)
      const reported = app.logs.find((line) => line.report !== undefined)?.report?.exitCode
      assert.equal(reported, holder.code ?? 0)
      assert.deepEqual([code, signal], isKilled ? [null, 'SIGKILL'] : [reported, null])
      if (holder.end === 'clean') {
        assert.ok(!app.stderr.includes('{'), app.stderr)
        return
      }
      const line = lastLineOf(app)
      assert.equal(line.code, isKilled ? 'LIFECYCLE_HARD_KILL' : 'LIFECYCLE_EXIT_HELD')
      assert.equal(line.exit.code, reported)
      assert.match(line.msg, holder.says as RegExp)
    })
  }
})

test("an 'exit' listener that throws is reported, and keeps no other from running", async (t) => {
  const app = await startApp(t, { holder: 'listenerThrows' }, { fixture: 'held' })
  await app.message({ held: 'listenerThrows' })
  app.kill()
  assert.equal((await app.exited).code, 0)
  assert.match(app.stderr, /^the 'exit' listener 'throwsAtTheEnd' failed.*\nError: thrown by a listener/)
})

describe('the exit code that the app has set', () => {
  test('wins over 0, and the log says so; the report has what the shutdown itself came to', async (t) => {
    const app = await startApp(t, { exitCode: 75 }, { fixture: 'held' })
    app.kill()
    assert.equal((await app.exited).code, 75)
    const [report, own] = app.logs.slice(-2)
    assert.equal(report?.report?.exitCode, 0)
    assert.equal(own?.code, 'LIFECYCLE_EXIT_CODE')
    assert.equal(own?.['exitCode'], 75)
  })

  test('does not make a failed shutdown look like another', async (t) => {
    const setup = { exitCode: 75, options: { drainTimeout: 200 } }
    const app = await startApp(t, setup, { fixture: 'held' })
    request(app.port, '/hang').catch(() => {})
    await app.message({ arrived: '/hang' })
    app.kill()
    assert.equal((await app.exited).code, 1)
  })
})

describe('somebody else ends the process in the middle of its shutdown:', () => {
  const unfinished = async (app: AppProcess & { port: number }) => {
    app.kill()
    const exit = await app.exited
    const line = app.logs.find((each) => each.code === 'LIFECYCLE_EXIT_BY_OTHERS')
    assert.ok(line, app.stdout + app.stderr)
    assert.equal(line.level, 60)
    return { exit, line, err: line['err'] as { message: string; stack: string } }
  }

  test('by process.exit(), which the log says, with its caller and what was unfinished', async (t) => {
    const app = await startApp(t, { ends: 'exit', options: { drainTimeout: 200 } }, { fixture: 'held' })
    const { exit, line, err } = await unfinished(app)
    assert.equal(exit.code, 0)
    const { phase, running, unstarted, exitCode } = line as unknown as Record<string, unknown>
    assert.deepEqual([phase, running, unstarted, exitCode], ['closing', ['ends the process'], ['db'], 0])
    assert.match(err.stack, /held\.js/)
    assert.ok(!app.logs.some(({ report }) => report !== undefined))
  })

  test('by an error that nobody catches', async (t) => {
    const options = { crashes: false }
    const { exit, line, err } = await unfinished(
      await startApp(t, { ends: 'throw', options }, { fixture: 'held' })
    )
    assert.equal(exit.code, 1)
    assert.match(line.msg, /with code 1 .* because nobody caught an error/)
    assert.equal(err.message, 'nobody catches this')
  })

  test('without a logger it is written to stderr', async (t) => {
    const app = await startApp(t, { ends: 'exit', logger: false }, { fixture: 'held' })
    app.kill()
    assert.equal((await app.exited).code, 0)
    assert.match(
      app.stderr,
      /^the process exits with code 0 before its shutdown is over, in the phase 'closing'/
    )
  })

  test('and that end is guarded, too', onLinux, async (t) => {
    for (const ends of ['exit', 'throw']) {
      const setup = { ends, holder: 'fifos', options: { deadline, crashes: false } }
      const app = await startApp(t, setup, { fixture: 'held' })
      await app.message({ held: 'fifos' })
      app.kill()
      const { code, signal } = await app.exited
      assert.deepEqual([code, signal], canReplace ? [ends === 'exit' ? 0 : 1, null] : [null, 'SIGKILL'])
      assert.match(lastLineOf(app).msg, /4 threads( of the pool)? in openat/)
    }
  })

  test('with exit: false it is reported, and the app decides', onLinux, async (t) => {
    const app = await startApp(t, { ends: 'exit', options: { exit: false } }, { fixture: 'held' })
    assert.equal((await unfinished(app)).exit.code, 0)
  })
})
