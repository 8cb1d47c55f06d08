import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LifecycleOptions } from 'fastify-lifecycle'
import { AppProcess, type Exit, startApp } from '../support/app-process.ts'
import { request, Wire } from '../support/client.ts'
import { aLongTime, assertWithin, endsItself, inTime, Late } from '../support/in-time.ts'

// The watchdog keeps real time, of which a busy machine has little: so what is late may happen again, with more time.

const deadline = 1_000

/** The ways to block that a function of the fixture's own stands for, by its name. */
const functions = {
  loop: 'loopsForEver',
  microtasks: 'queuesMicrotasksForEver',
  regex: 'backtracksForEver',
  atomics: 'waitsForEver'
} as const

type Way = keyof typeof functions | 'exec' | 'promise' | 'unref' | 'nothing'
type Place = 'handler' | 'hook' | 'onClose' | 'nowhere'
type App = Awaited<ReturnType<typeof startBlocked>>

function startBlocked(
  t: TestContext,
  way: Way,
  place: Place,
  options: LifecycleOptions = {},
  flags = '--enable-source-maps'
) {
  const setup = { way, place, options }
  return startApp(t, setup, { fixture: 'blocked', env: { NODE_OPTIONS: flags } })
}

/** Waits for the end, and says how much later than due it came. */
async function endOf(t: TestContext, app: App, due: number): Promise<Exit> {
  const exit = await app.exited
  t.diagnostic(`${exit.signal ?? exit.code}, ${Math.round(exit.at - due)} ms after it was due`)
  return exit
}

/** That it came soon after it was due. Last of all, so that what is wrong besides fails at once. */
function assertSoon(app: App, exit: Exit, due: number): void {
  assertWithin(exit.at - due, app.soon, 'the end, after it was due,')
}

interface KillLine {
  readonly level: number
  readonly code: string
  readonly pid: number
  readonly hostname: string
  readonly time: number
  readonly msg: string
  readonly phase: string
  readonly blockedFor: number
  readonly hooks: readonly { readonly name: string; readonly age: number }[]
  readonly requests: readonly { readonly route: string }[]
  readonly stack: readonly { readonly function: string; readonly file: string; readonly line: number }[]
}

function killLineOf(app: App): KillLine {
  const lines = app.stderr.split('\n').filter((line) => line.startsWith('{'))
  // The kill waits for the line, but not for long.
  if (lines.length === 0) throw new Late('the line')
  assert.equal(lines.length, 1, app.stderr)
  return JSON.parse(lines[0] as string)
}

/** The line says which function blocked, and where it stands in the source. */
async function assertNames(line: KillLine, way: keyof typeof functions): Promise<void> {
  // It waits for the stack, too, but not for long, and may find Node.js itself at work between two microtasks.
  if (line.stack.every(({ file }) => file.startsWith('node:'))) throw new Late('the stack')
  const frame = line.stack.find((each) => each.function === functions[way])
  assert.ok(frame, `no ${functions[way]} in ${JSON.stringify(line.stack)}`)
  const source = await readFile(new URL('../../../test/fixtures/blocked.ts', import.meta.url), 'utf8')
  const first = source.split('\n').findIndex((text) => text.includes(`function ${functions[way]}`)) + 1
  // Nor does it wait long for the source map.
  if (frame.file.endsWith('blocked.js')) throw new Late('the source')
  assert.match(frame.file, /blocked\.ts$/)
  assert.ok(frame.line >= first && frame.line <= first + 3, `line ${frame.line}`)
  assert.ok(line.msg.includes(functions[way]))
}

describe('the watchdog kills at the deadline, and names what blocked the event loop:', () => {
  for (const way of Object.keys(functions) as (keyof typeof functions)[]) {
    for (const place of ['handler', 'hook', 'onClose'] as const) {
      // In onClose, as in a hook, the microtasks of one way are like those of the other.
      if (place !== 'hook' && way !== 'loop' && way !== 'regex') continue
      test(`${way} in a ${place}`, (t) =>
        inTime(t, async (times) => {
          const time = times * deadline
          const lameDuck = place === 'handler' ? time / 2 : 0
          const app = await startBlocked(t, way, place, { deadline: time, lameDuck })
          const signalled = app.kill()
          if (place === 'handler') {
            await app.phase('lameDuck')
            request(app.port, '/blocked').catch(() => {})
          }
          const exit = await endOf(t, app, signalled + time)
          if (exit.code === 1 || (place === 'handler' && !app.stderr.includes('"lameDuck"')))
            throw new Late('the request that blocks')
          assert.equal(exit.signal, 'SIGKILL')
          const line = killLineOf(app)
          await assertNames(line, way)
          assert.equal(line.code, 'LIFECYCLE_HARD_KILL')
          assert.deepEqual([line.level, line.pid], [60, app.pid])
          assert.equal(line.phase, place === 'handler' ? 'lameDuck' : 'closing')
          assert.deepEqual(
            line.hooks.map(({ name }) => name),
            place === 'hook' ? ['blocked'] : []
          )
          if (line.blockedFor <= time / 4 && place !== 'onClose')
            throw new Late(`the block (${line.blockedFor} ms)`)
          assertSoon(app, exit, signalled + time)
        }))
    }
  }

  test('a native call: the line says for how long, and there is no stack to show', (t) =>
    inTime(t, async (times) => {
      const app = await startBlocked(t, 'exec', 'hook', { deadline: times * deadline })
      const signalled = app.kill()
      const exit = await endOf(t, app, signalled + times * deadline)
      assert.equal(exit.signal, 'SIGKILL')
      const { stack, hooks, blockedFor } = killLineOf(app)
      assert.deepEqual(stack, [])
      assert.equal(hooks[0]?.name, 'blocked')
      assertSoon(app, exit, signalled + times * deadline)
      assert.ok(blockedFor > 0)
    }))
})

/** The main thread gives up as early as ever, and has all the time it may need on a busy machine. */
const roomy: LifecycleOptions = endsItself(deadline)

describe('where the event loop turns, the main thread ends by itself, within the deadline:', () => {
  for (const way of ['promise', 'unref'] as const) {
    test(`${way} in a hook`, (t) =>
      inTime(t, async () => {
        const app = await startBlocked(t, way, 'hook', roomy)
        const signalled = app.kill()
        const exit = await endOf(t, app, signalled + deadline)
        assert.equal(exit.code, 1)
        assert.equal(app.report.hooks[0]?.outcome, 'timeout')
        assertSoon(app, exit, signalled + deadline)
      }))

    test(`${way} in onClose`, (t) =>
      inTime(t, async () => {
        const app = await startBlocked(t, way, 'onClose', roomy)
        const signalled = app.kill()
        const exit = await endOf(t, app, signalled + deadline)
        assert.equal(exit.code, 1)
        assert.equal(app.report.outcome, 'deadline')
        assertSoon(app, exit, signalled + deadline)
      }))
  }

  test('a client that never reads', (t) =>
    inTime(t, async () => {
      const app = await startBlocked(t, 'nothing', 'nowhere', { ...roomy, drainTimeout: deadline })
      const wire = new Wire(app.port)
      wire.socket.pause()
      wire.send('GET /big HTTP/1.1\nHost: x\n\n')
      await app.message({ arrived: '/big' })
      const signalled = app.kill()
      const exit = await endOf(t, app, signalled + deadline)
      assert.equal(exit.code, 1)
      assert.equal(app.report.requests.cut[0]?.route, '/big')
      wire.socket.destroy()
      assertSoon(app, exit, signalled + deadline)
    }))
})

describe('hardKill.stall kills without any signal:', () => {
  /** An app that must not be blocked for longer than this, which one that boots may be on a busy machine. */
  async function startGuarded(t: TestContext, way: Way, stall: number): Promise<App> {
    return startBlocked(t, way, 'nowhere', { hardKill: { stall } }).catch((error: Error) => {
      throw /exited with SIGKILL/.test(error.message) ? new Late('the boot') : error
    })
  }

  for (const way of ['loop', 'microtasks', 'regex'] as const) {
    test(way, (t) =>
      inTime(t, async (times) => {
        const stall = times * 800
        const app = await startGuarded(t, way, stall)
        const blocked = performance.now()
        app.tell('block')
        const exit = await endOf(t, app, blocked + stall)
        assert.equal(exit.signal, 'SIGKILL')
        const line = killLineOf(app)
        assert.equal(line.code, 'LIFECYCLE_STALL')
        assert.equal(line.phase, 'ready')
        assert.ok(line.blockedFor >= stall)
        await assertNames(line, way)
        assertSoon(app, exit, blocked + stall)
      })
    )
  }

  test('also after a signal that never reached JavaScript', (t) =>
    inTime(t, async (times) => {
      const stall = times * 800
      const app = await startGuarded(t, 'loop', stall)
      const blocked = performance.now()
      request(app.port, '/blocked').catch(() => {})
      await sleep(stall / 8)
      app.kill()
      const exit = await endOf(t, app, blocked + stall)
      if (exit.code === 0) throw new Late('the request that blocks')
      assert.equal(exit.signal, 'SIGKILL')
      const { code, phase } = killLineOf(app)
      if (phase !== 'ready') throw new Late('the request that blocks')
      assert.equal(code, 'LIFECYCLE_STALL')
      assertSoon(app, exit, blocked + stall)
    }))

  test('but not a process that was stopped for longer, and goes on', (t) =>
    inTime(t, async (times) => {
      const stall = times * 800
      const app = await startGuarded(t, 'nothing', stall)
      app.kill('SIGSTOP')
      await sleep(3 * stall)
      app.kill('SIGCONT')
      await sleep(2 * stall)
      const status = await request(app.port, '/livez').then(
        (answer) => answer.status,
        () => undefined
      )
      app.kill()
      const { code } = await app.exited
      // A machine that gives an idle process no turn for so long blocks it indeed.
      if (code !== 0) throw new Late('a turn of the event loop')
      assert.equal(status, 200)
    }))
})

test('a process that was stopped beyond its deadline still ends by itself, with its report', (t) =>
  inTime(t, async (times) => {
    const app = await startBlocked(t, 'promise', 'hook', {
      deadline: times * 6_000,
      hookTimeout: times * 6_000,
      hardKill: { margin: times * 3_000 }
    })
    app.kill()
    await app.phase('closing')
    // Until the thread is there, which takes a busy machine a while, nothing can tell that we stop.
    await sleep(times * 1_000)
    app.kill('SIGSTOP')
    await sleep(times * 5_500)
    app.kill('SIGCONT')
    const { signal, code } = await app.exited
    if (signal === 'SIGKILL') throw new Late('the main thread')
    assert.equal(code, 1)
    assert.equal(app.report.exitCode, 1)
  }))

describe('without a thread', () => {
  // What the permission model is called, and what it restricts, differs from one Node.js to the next.
  const known = process.allowedNodeEnvironmentFlags
  const permission = known.has('--permission') ? '--permission' : '--experimental-permission'
  const network = known.has('--allow-net') ? '--allow-net' : ''
  const flags = `${permission} --allow-fs-read=* --allow-fs-write=* ${network}`

  test('there is one warning, and the deadline of the main thread stands', async (t) => {
    const app = await startBlocked(t, 'promise', 'hook', roomy, flags)
    const signalled = app.kill()
    assert.equal((await endOf(t, app, signalled + deadline)).code, 1)
    const warnings = app.logs.filter(({ code }) => code === 'LIFECYCLE_NO_WATCHDOG')
    assert.deepEqual(
      warnings.map(({ level, err }) => [level, (err as { code: string }).code]),
      [[40, 'ERR_ACCESS_DENIED']]
    )
  })

  test('stall warns when the app registers', async (t) => {
    const app = await startBlocked(t, 'nothing', 'nowhere', { hardKill: { stall: 60_000 } }, flags)
    app.kill()
    assert.equal((await app.exited).code, 0)
    assert.equal(app.logs.filter(({ code }) => code === 'LIFECYCLE_NO_WATCHDOG').length, 1)
  })
})

interface Census {
  readonly threads: number | undefined
  readonly resources: readonly string[]
}

async function census(app: App, word: 'census' | 'close' | 'shutdown' = 'census'): Promise<Census> {
  app.tell(word)
  return (await app.about(word === 'census' ? 'census' : 'ended')) as Census
}

const linuxOnly =
  process.platform === 'linux' ? {} : { skip: 'NOT CHECKED: threads can be counted on Linux only' }

describe('what the process holds', () => {
  test('before a shutdown is the same with hardKill as without it', linuxOnly, async (t) => {
    const [with_, without, stalled] = await Promise.all([
      startBlocked(t, 'nothing', 'nowhere', { hardKill: true }).then((app) => census(app)),
      startBlocked(t, 'nothing', 'nowhere', { hardKill: false }).then((app) => census(app)),
      startBlocked(t, 'nothing', 'nowhere', { hardKill: { stall: 60_000 } }).then((app) => census(app))
    ])
    t.diagnostic(`threads: ${with_.threads}, without ${without.threads}, with stall ${stalled.threads}`)
    assert.deepEqual(with_, without)
    assert.equal(stalled.threads, (without.threads as number) + 1)
  })

  for (const word of ['close', 'shutdown'] as const) {
    test(
      `after ${word === 'close' ? 'app.close()' : 'shutdown() with exit: false'} is nothing of ours`,
      linuxOnly,
      async (t) => {
        const options = { exit: false, hardKill: { stall: 60_000 } }
        const app = await startBlocked(t, 'nothing', 'nowhere', options)
        const before = await census(app)
        const after = await census(app, word)
        assert.equal(after.threads, (before.threads as number) - 1)
        assert.deepEqual(
          after.resources.filter((resource) => !before.resources.includes(resource)),
          []
        )
        assert.ok(!after.resources.includes('MessagePort'), after.resources.join())
        assert.equal((await app.exited).code, 0)
      }
    )
  }
})

test('an app in a worker thread does not take the whole process along', async (t) => {
  const app = new AppProcess('in-a-worker', { options: { deadline } }, {})
  t.after(() => app.end())
  await app.message({ worker: 'blocked' })
  // By then its deadline is over: it was blocked for longer, and was ended by itself.
  await app.message({ worker: 1 })
  assert.equal((await app.exited).code, 0)
})

test('the exit is not held up by the thread', (t) =>
  inTime(t, async () => {
    const times = { true: [] as number[], false: [] as number[] }
    for (let round = 0; round < 3; round++) {
      for (const hardKill of [true, false]) {
        const app = await startBlocked(t, 'nothing', 'nowhere', { hardKill, deadline: aLongTime })
        const signalled = app.kill()
        const { code, at } = await app.exited
        assert.equal(code, 0)
        times[`${hardKill}`].push(at - signalled)
      }
    }
    const [with_, without] = [Math.min(...times.true), Math.min(...times.false)]
    t.diagnostic(
      `from the signal to the exit ${Math.round(with_)} ms, without hardKill ${Math.round(without)} ms`
    )
    assertWithin(with_, 2 * without + 250, 'the exit')
  }))
