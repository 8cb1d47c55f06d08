import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LifecycleOptions } from 'fastify-lifecycle'
import { AppProcess, type Exit, startApp } from '../support/app-process.ts'
import { request, Wire } from '../support/client.ts'

// Machines on which tests run are noisy: the bounds here are generous, and what was measured is said.

const deadline = 1_000
const slack = 2_000

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
  const setup = { way, place, options: { deadline, ...options } }
  return startApp(t, setup, { fixture: 'blocked', env: { NODE_OPTIONS: flags } })
}

/** Waits for the end, and says how much later than due it came. */
async function endOf(t: TestContext, app: App, due: number): Promise<Exit> {
  const exit = await app.exited
  t.diagnostic(`${exit.signal ?? exit.code}, ${Math.round(exit.at - due)} ms after it was due`)
  assert.ok(exit.at - due < slack, `${exit.at - due} ms late`)
  return exit
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
  assert.equal(lines.length, 1, app.stderr)
  return JSON.parse(lines[0] as string)
}

/** The line says which function blocked, and where it stands in the source. */
async function assertNames(line: KillLine, way: keyof typeof functions): Promise<void> {
  const frame = line.stack.find((each) => each.function === functions[way])
  assert.ok(frame, `no ${functions[way]} in ${JSON.stringify(line.stack)}`)
  const source = await readFile(new URL('../../../test/fixtures/blocked.ts', import.meta.url), 'utf8')
  const first = source.split('\n').findIndex((text) => text.includes(`function ${functions[way]}`)) + 1
  assert.match(frame.file, /blocked\.ts$/)
  assert.ok(frame.line >= first && frame.line <= first + 3, `line ${frame.line}`)
  assert.ok(line.msg.includes(functions[way]))
}

/** Reading the stack has a limit in real time, which a busy machine may exceed: then it is done again. */
async function upToFiveTimes(t: TestContext, attempt: () => Promise<void>): Promise<void> {
  for (let left = 4; ; left--) {
    try {
      return await attempt()
    } catch (error) {
      if (left === 0) throw error
      t.diagnostic(`once more: ${(error as Error).message}`)
    }
  }
}

describe('the watchdog kills at the deadline, and names what blocked the event loop:', () => {
  for (const way of Object.keys(functions) as (keyof typeof functions)[]) {
    for (const place of ['handler', 'hook', 'onClose'] as const) {
      // In onClose, as in a hook, the microtasks of one way are like those of the other.
      if (place !== 'hook' && way !== 'loop' && way !== 'regex') continue
      test(`${way} in a ${place}`, (t) =>
        upToFiveTimes(t, async () => {
          const app = await startBlocked(t, way, place, place === 'handler' ? { lameDuck: 500 } : {})
          const signalled = app.kill()
          if (place === 'handler') {
            await app.phase('lameDuck')
            request(app.port, '/blocked').catch(() => {})
          }
          assert.equal((await endOf(t, app, signalled + deadline)).signal, 'SIGKILL')
          const line = killLineOf(app)
          await assertNames(line, way)
          assert.equal(line.code, 'LIFECYCLE_HARD_KILL')
          assert.deepEqual([line.level, line.pid], [60, app.pid])
          assert.equal(line.phase, place === 'handler' ? 'lameDuck' : 'closing')
          assert.deepEqual(
            line.hooks.map(({ name }) => name),
            place === 'hook' ? ['blocked'] : []
          )
          assert.ok(line.blockedFor > deadline / 4 && line.blockedFor < deadline + slack)
        }))
    }
  }

  test('a native call: the line says for how long, and there is no stack to show', async (t) => {
    const app = await startBlocked(t, 'exec', 'hook')
    const signalled = app.kill()
    assert.equal((await endOf(t, app, signalled + deadline)).signal, 'SIGKILL')
    const { stack, hooks, blockedFor } = killLineOf(app)
    assert.deepEqual(stack, [])
    assert.equal(hooks[0]?.name, 'blocked')
    assert.ok(blockedFor > deadline / 2)
  })
})

/** The main thread gives up as early as ever, and has all the time it may need on a busy machine. */
const roomy: LifecycleOptions = { deadline: deadline + 2_000, hardKill: { margin: 2_000 } }

describe('where the event loop turns, the main thread ends by itself, within the deadline:', () => {
  for (const way of ['promise', 'unref'] as const) {
    test(`${way} in a hook`, async (t) => {
      const app = await startBlocked(t, way, 'hook', roomy)
      const signalled = app.kill()
      assert.equal((await endOf(t, app, signalled + deadline)).code, 1)
      assert.equal(app.report.hooks[0]?.outcome, 'timeout')
    })

    test(`${way} in onClose`, async (t) => {
      const app = await startBlocked(t, way, 'onClose', roomy)
      const signalled = app.kill()
      assert.equal((await endOf(t, app, signalled + deadline)).code, 1)
      assert.equal(app.report.outcome, 'deadline')
    })
  }

  test('a client that never reads', async (t) => {
    const app = await startBlocked(t, 'nothing', 'nowhere', roomy)
    const wire = new Wire(app.port)
    wire.socket.pause()
    wire.send('GET /big HTTP/1.1\nHost: x\n\n')
    await app.message({ arrived: '/big' })
    const signalled = app.kill()
    assert.equal((await endOf(t, app, signalled + deadline)).code, 1)
    assert.equal(app.report.requests.cut[0]?.route, '/big')
    wire.socket.destroy()
  })
})

describe('hardKill.stall kills without any signal:', () => {
  const stall = 800
  for (const way of ['loop', 'microtasks', 'regex'] as const) {
    test(way, (t) =>
      upToFiveTimes(t, async () => {
        const app = await startBlocked(t, way, 'nowhere', { hardKill: { stall } })
        const blocked = performance.now()
        app.tell('block')
        assert.equal((await endOf(t, app, blocked + stall)).signal, 'SIGKILL')
        const line = killLineOf(app)
        assert.equal(line.code, 'LIFECYCLE_STALL')
        assert.equal(line.phase, 'ready')
        assert.ok(line.blockedFor >= stall)
        await assertNames(line, way)
      })
    )
  }

  test('also after a signal that never reached JavaScript', async (t) => {
    const app = await startBlocked(t, 'loop', 'nowhere', { hardKill: { stall } })
    const blocked = performance.now()
    request(app.port, '/blocked').catch(() => {})
    await sleep(100)
    app.kill()
    assert.equal((await endOf(t, app, blocked + stall)).signal, 'SIGKILL')
    const { code, phase } = killLineOf(app)
    assert.deepEqual([code, phase], ['LIFECYCLE_STALL', 'ready'])
  })

  test('but not a process that was stopped for longer, and goes on', async (t) => {
    const app = await startBlocked(t, 'nothing', 'nowhere', { hardKill: { stall } })
    app.kill('SIGSTOP')
    await sleep(3 * stall)
    app.kill('SIGCONT')
    await sleep(2 * stall)
    assert.equal((await request(app.port, '/livez')).status, 200)
    app.kill()
    assert.equal((await app.exited).code, 0)
  })
})

test('a process that was stopped beyond its deadline still ends by itself, with its report', async (t) => {
  const app = await startBlocked(t, 'promise', 'hook', {
    deadline: 6_000,
    hookTimeout: 6_000,
    hardKill: { margin: 3_000 }
  })
  app.kill()
  await app.phase('closing')
  // Until the thread is there, which takes a busy machine a while, nothing can tell that we stop.
  await sleep(1_000)
  app.kill('SIGSTOP')
  await sleep(5_500)
  app.kill('SIGCONT')
  assert.equal((await app.exited).code, 1)
  assert.equal(app.report.exitCode, 1)
})

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
  t.after(() => app.kill('SIGKILL'))
  await app.message({ worker: 'blocked' })
  // By then its deadline is over: it was blocked for longer, and was ended by itself.
  await app.message({ worker: 1 })
  assert.equal((await app.exited).code, 0)
})

test('the exit is not held up by the thread', async (t) => {
  const times = { true: [] as number[], false: [] as number[] }
  for (let round = 0; round < 5; round++) {
    for (const hardKill of [true, false]) {
      const app = await startBlocked(t, 'nothing', 'nowhere', { hardKill })
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
  assert.ok(with_ - without < 250)
})
