import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import workerThreads, { Worker } from 'node:worker_threads'
import { namedAtMost } from '../../../lib/bounds.ts'
import { monotonic, now } from '../../../lib/time/clock.ts'
import { boundedFacts } from '../../../lib/watchdog/bounded-facts.ts'
import { type Facts, mergeOutstanding, type Outstanding } from '../../../lib/watchdog/facts.ts'
import { type KillLine, killLine } from '../../../lib/watchdog/kill-line.ts'
import { limitsOf, ownDeadline } from '../../../lib/watchdog/limits.ts'
import type { Call } from '../../../lib/watchdog/main-stack.ts'
import { SharedState } from '../../../lib/watchdog/shared-state.ts'
import { WatchdogThread } from '../../../lib/watchdog/thread.ts'
import { threadText } from '../../../lib/watchdog/thread-text.ts'
import { type Reach, type ThreadSetup, worldOf } from '../../../lib/watchdog/thread-world.ts'
import { Watchdog } from '../../../lib/watchdog/watchdog.ts'
import { cleanup } from '../../support/cleanup.ts'
import { latch, makeApp, portOf } from '../../support/in-process.ts'

const facts: Facts = {
  phase: 'ready',
  hooks: [],
  hookCount: 0,
  requests: [],
  inFlight: 0,
  work: [],
  workCount: 0,
  at: 0,
  bindings: {}
}

describe('what is watched', () => {
  const app = (deadline: number, margin: number | false, stall?: number, exit = true) => ({
    settings: { deadline, exit, hardKill: margin === false ? (false as const) : { margin, stall } }
  })
  const ending = (...members: ReturnType<typeof app>[]) => ({ since: 100, members })

  test('is nothing before a shutdown, unless an app wants to be watched for stalls', () => {
    assert.equal(limitsOf([app(900, 250), app(900, false)], undefined), undefined)
    assert.deepEqual(limitsOf([app(900, 250, 70), app(900, 250, 50), app(1, false)], undefined), {
      deadline: undefined,
      margin: 0,
      stall: 50
    })
  })

  test('is the latest deadline of the apps that are shut down', () => {
    assert.deepEqual(limitsOf([], ending(app(900, 250), app(2_000, false))), {
      deadline: 2_100,
      margin: 250,
      stall: undefined
    })
  })

  test('is no deadline where an app lives on, or where none wants it', () => {
    assert.equal(limitsOf([], ending(app(900, 250), app(900, 250, undefined, false))), undefined)
    assert.equal(limitsOf([], ending(app(900, false))), undefined)
  })

  test('leaves the main thread the time before it', () => {
    const own = [app(900, 250), app(900, false), app(900, 250, undefined, false)]
    assert.deepEqual(
      own.map(({ settings }) => ownDeadline(settings)),
      [650, 900, 900]
    )
  })
})

test('several apps are reported as one, in the phase of the one that has come least far', () => {
  const one: Outstanding = {
    phase: 'closing',
    hooks: [],
    requests: [],
    inFlight: 2,
    hookCount: 0,
    work: [{ name: 'mail', age: 1 }],
    workCount: 21
  }
  const many = Array.from({ length: 15 }, () => ({ name: 'a', phase: 'closing', age: 1 }) as const)
  const merged = mergeOutstanding(
    [
      one,
      { phase: 'draining', hooks: many, hookCount: 15, requests: [], inFlight: 3, work: [], workCount: 0 },
      { ...one, hooks: many, hookCount: 15 }
    ],
    ['draining', 'closing']
  )
  assert.deepEqual([merged.phase, merged.inFlight, merged.hooks.length], ['draining', 7, namedAtMost])
  assert.deepEqual([merged.work.length, merged.hookCount, merged.workCount], [2, 30, 42])
})

describe('the thread', () => {
  const setup = (state: SharedState) => ({
    buffer: state.buffer,
    clockOffset: monotonic() - now(),
    sourceMaps: true,
    mayReadStack: false,
    made: { at: now(), cpuTime: 0 }
  })
  const place = { url: import.meta.url, line: 0, column: 0, sourceMapURL: '' }

  /** A process in reach of the thread, which notes what is done to it. */
  const reach = (did: unknown[], calls: Call[] = [], pid = 42): Reach => ({
    pid,
    thread: 43,
    mainStack: {
      attach: () => did.push('attach'),
      async read(found) {
        found(calls)
        return calls
      }
    },
    stderr: {
      write(text) {
        did.push(JSON.parse(text))
        return true
      }
    },
    write: () => assert.fail(),
    writeInThread: () => assert.fail(),
    open: (path, flags, mode, done) => {
      did.push({ path, flags, mode })
      done(null, 9)
    },
    writeToFileInThread: () => assert.fail(),
    kill: (...given) => did.push(given),
    setFlag: (flag) => did.push(flag)
  })

  const run = async (given: ThreadSetup, reached: Reach) => {
    const { state, world, made } = worldOf(given, reached)
    await new WatchdogThread(state, world).run(made)
  }

  const file = new URL('../../../lib/watchdog/thread-main.js', import.meta.url)
  for (const [what, source, isText] of [
    ['as the text that the build makes', threadText, true],
    ['as the file that the text is made of', file, false]
  ] as const) {
    test(`runs, ${what}: it says so, and ends when it is called off`, async () => {
      const state = new SharedState()
      state.setTime('stall', 60_000)
      state.setTime('beat', now())
      const worker = new Worker(source, { eval: isText, execArgv: [], workerData: setup(state) })
      await once(worker, 'online')
      state.callOff()
      assert.deepEqual(await once(worker, 'exit'), [0])
      assert.equal(state.isAlive, true)
    })
  }

  test('reads the stack, writes the line and kills', async () => {
    const did: unknown[] = []
    const state = new SharedState()
    state.setTime('beat', now() - 1_000)
    // Far enough for a look before it on a busy machine, too.
    state.setTime('deadline', now() + 2_000)
    const call = { function: 'spin', place: { ...place, sourceMapURL: 'nowhere.map' } }
    await run(setup(state), reach(did, [call]))
    const [line, kill] = did.slice(-2) as [KillLine, unknown]
    assert.deepEqual([line.stack[0]?.function, line.pid, kill], ['spin', 42, [42, 'SIGKILL']])
    assert.deepEqual(new Set(did.slice(0, -2)), new Set(['attach']))
  })

  test('says which thread it is, and writes through the pool where a write might block', async () => {
    const did: unknown[] = []
    const state = new SharedState()
    state.setTime('deadline', 1)
    await run(setup(state), {
      ...reach(did),
      stderr: { write: () => false },
      write(_descriptor, bytes, _offset, length, _position, done) {
        did.push(JSON.parse(bytes.toString()).code)
        done(null, length)
      }
    })
    assert.deepEqual(did.slice(-2), ['LIFECYCLE_HARD_KILL', [42, 'SIGKILL']])
    assert.equal(state.thread, 43)
  })

  test('writes to a file through the pool, anew or behind what is there', async () => {
    const did: unknown[] = []
    const { world } = worldOf(setup(new SharedState()), {
      ...reach(did),
      write(descriptor, bytes, _offset, length, _position, done) {
        did.push(descriptor, bytes.toString())
        done(null, length)
      }
    })
    await world.writeToFile('/log', 'one', false)
    await world.writeToFile('/log', 'two', true)
    const flags = (index: number) => (did[index] as { flags: number }).flags
    assert.deepEqual([did[1], did[2], did[4], did[5]], [9, 'one', 9, 'two'])
    assert.equal((flags(0) & fs.constants.O_APPEND) + (flags(3) & fs.constants.O_TRUNC), 0)
    assert.ok(flags(0) & fs.constants.O_TRUNC && flags(3) & fs.constants.O_APPEND)
  })

  test('traps as the first process of a container, which no signal from inside can kill', async () => {
    const did: unknown[] = []
    const state = new SharedState()
    state.setTime('deadline', 1)
    // Without the flag it is no syntax, and no trap.
    await assert.rejects(run(setup(state), reach(did, [], 1)), SyntaxError)
    assert.deepEqual(did.slice(-2), [[1, 'SIGKILL'], '--allow-natives-syntax'])
  })

  test('has no stack where the inspector may not be used, or is not there, and still comes', async (t) => {
    const killed: unknown[] = []
    t.mock.method(process, 'kill', (...given: unknown[]) => void killed.push(given))
    const own = process as { getBuiltinModule?: unknown }
    const { getBuiltinModule } = own
    cleanup(t, () => Object.assign(own, { getBuiltinModule }))
    for (const mayReadStack of [false, true]) {
      own.getBuiltinModule = () => undefined
      const state = new SharedState()
      const { world } = worldOf({ ...setup(state), mayReadStack })
      world.prepareStack()
      const found: unknown[] = []
      await world.readStack((frames) => found.push(frames))
      assert.deepEqual(found, [[]])
      own.getBuiltinModule = getBuiltinModule
    }
    // Where it may be used, nothing is read yet.
    worldOf({ ...setup(new SharedState()), mayReadStack: true }).world.kill()
    assert.deepEqual(killed, [[process.pid, 'SIGKILL']])
  })

  test('shows what runs where source maps are off', async () => {
    const did: unknown[] = []
    const state = new SharedState()
    state.setTime('deadline', 1)
    await run({ ...setup(state), sourceMaps: false }, reach(did, [{ function: 'spin', place }]))
    const { stack } = did.at(-2) as KillLine
    assert.deepEqual(stack[0]?.file, fileURLToPath(import.meta.url))
  })
})

/** Lets no worker be made until the test is over, or the returned function is called. */
function refuseWorkers(t: TestContext, error: Error): () => void {
  const original = workerThreads.Worker
  const replaceBy = (Worker: unknown) => {
    Object.assign(workerThreads, { Worker })
    syncBuiltinESMExports()
  }
  const restore = () => replaceBy(original)
  replaceBy(
    class {
      constructor() {
        throw error
      }
    }
  )
  cleanup(t, restore)
  return restore
}

describe('the watchdog', () => {
  const limits = { deadline: undefined, margin: 0, stall: 60_000 }

  test('tries again where a thread may be had later, and says when there is one', async (t) => {
    const told: string[] = []
    const found = latch()
    const makeable = refuseWorkers(t, Object.assign(new Error('no descriptors'), { code: 'EMFILE' }))
    const news = {
      lost: (error: unknown) => told.push((error as Error).message),
      found() {
        told.push('found')
        found.open()
      }
    }
    const watchdog = new Watchdog({ ...limits, stall: 400 }, () => facts, news)
    const alive = setInterval(() => {}, 1_000)
    makeable()
    await found.opened
    clearInterval(alive)
    watchdog.callOff()
    assert.deepEqual(told, ['no descriptors', 'found'])
  })

  test(
    'knows the number of its thread before that runs, so that no exit waits for its start',
    process.platform === 'linux' ? {} : { skip: 'NOT CHECKED: only Linux tells of threads' },
    () => {
      const watchdog = new Watchdog(limits, () => facts, { lost() {}, found() {} })
      const { thread, isAlive } = watchdog
      watchdog.callOff()
      assert.equal(isAlive, false)
      assert.ok(thread > 0)
    }
  )

  test('makes no thread where the addresses for it are too few, because Node.js would abort', (t) => {
    const lost: string[] = []
    const { readFileSync } = fs
    const replaceBy = (replacement: unknown) => {
      Object.assign(fs, { readFileSync: replacement })
      syncBuiltinESMExports()
    }
    replaceBy((file: string) =>
      file.endsWith('limits')
        ? 'Max address space         1500000000   1500000000   bytes'
        : 'VmSize:\t 1000000 kB'
    )
    cleanup(t, () => replaceBy(readFileSync))
    const news = { lost: (error: unknown) => lost.push((error as Error).message), found() {} }
    new Watchdog(limits, () => facts, news).callOff()
    assert.deepEqual(lost, ['the thread needs 1000 MB of addresses, and a limit leaves 476 MB'])
  })

  test('says why there is none', async (t) => {
    const lost: unknown[] = []
    refuseWorkers(t, new Error('no threads here'))
    const watchdog = new Watchdog(limits, () => facts, { lost: (error) => lost.push(error), found() {} })
    watchdog.watch({ deadline: now() + 60_000, margin: 250, stall: undefined })
    watchdog.callOff()
    assert.match(String(lost), /no threads here/)
  })

  test('has one short line, however many there are and however long their names', () => {
    const name = '\u0000'.repeat(10_000)
    const many = Array.from({ length: 20 }, () => ({ name, phase: 'closing', age: 1 }) as const)
    const requests = many.map(() => ({ id: name, method: name, route: name, age: 1 }))
    const bounded = boundedFacts({
      ...facts,
      hooks: many,
      hookCount: 900,
      requests,
      work: many,
      bindings: { name }
    })
    assert.equal(bounded.hookCount, 900)
    const frames = Array.from({ length: 50 }, () => ({ function: name, file: name, line: 1, column: 1 }))
    const verdict = { code: 'LIFECYCLE_HARD_KILL', at: 1, blockedFor: 1 } as const
    const line = killLine(verdict, bounded, frames, { pid: 1, hostname: 'host', time: 1 })
    assert.ok(line.stack.length > 0 && line.requests?.length === 5)
    const length = Buffer.byteLength(JSON.stringify(line))
    assert.ok(length < 16_000, `${length} bytes`)
    // What is short stays as it is.
    const small = {
      ...facts,
      hooks: [{ name: 'db', phase: 'closing', age: 1 }],
      bindings: { name: 'orders' }
    } as const
    assert.deepEqual(boundedFacts(small), small)
  })

  test('does without what the logger carries, where that is too much', () => {
    let asked = 0
    const large = { ...facts, bindings: { text: 'x'.repeat(70_000) } }
    const watchdog = new Watchdog(
      limits,
      () => {
        asked++
        return large
      },
      { lost: assert.ifError, found: () => assert.fail() }
    )
    watchdog.note()
    watchdog.callOff()
    assert.equal(asked, 2)
  })

  test('leaves out what cannot be known', () => {
    const strange = { ...facts, inFlight: 7, bindings: { big: 1n } }
    let current: Facts = strange
    const limits = { deadline: undefined, margin: 0, stall: 60_000 }
    const written: string[] = []
    const { writeFacts } = SharedState.prototype
    SharedState.prototype.writeFacts = function (text) {
      written.push(text)
      return writeFacts.call(this, text)
    }
    try {
      const watchdog = new Watchdog(limits, () => current, { lost() {}, found() {} })
      current = { ...strange, requests: [{ id: '1', method: 'GET', route: 'x'.repeat(70_000), age: 1 }] }
      watchdog.note()
      watchdog.callOff()
    } finally {
      SharedState.prototype.writeFacts = writeFacts
    }
    const told = written.map((text) => JSON.parse(text) as Facts)
    assert.deepEqual(told[0]?.bindings, {})
    assert.equal(told.at(-1)?.inFlight, 7)
    const route = told.at(-1)?.requests[0]?.route as string
    assert.ok(route.length > 100 && route.length <= 200, route)
  })

  test('shows that the loop turns as long as it is there', async () => {
    const beat = latch()
    let asked = 0
    const watchdog = new Watchdog(
      { ...limits, stall: 1_000 },
      () => {
        if (++asked === 3) beat.open()
        return facts
      },
      { lost: assert.ifError, found: () => assert.fail() }
    )
    // The heartbeat itself keeps no process alive.
    const alive = setInterval(() => {}, 1_000)
    await beat.opened
    clearInterval(alive)
    watchdog.callOff()
  })
})

describe('an app that is watched for stalls', () => {
  const options = { hardKill: { stall: 60_000 } }

  test('has a thread from its registration until the last app has closed', async (t) => {
    const workers: Worker[] = []
    const onWorker = (worker: Worker) => workers.push(worker)
    process.on('worker', onWorker)
    t.after(() => process.off('worker', onWorker))
    const [one, two] = [await makeApp(t, options), await makeApp(t, options)]
    const [worker] = workers as [Worker]
    const ended = once(worker, 'exit')
    await one.close()
    // A thread that has ended has no id.
    assert.ok(worker.threadId > 0)
    // It keeps no process alive by itself.
    const alive = setInterval(() => {}, 1_000)
    await two.close()
    await ended
    clearInterval(alive)
    assert.equal(workers.length, 1)
  })

  test('warns where no thread can be had, and serves and ends without it', async (t) => {
    const lines: string[] = []
    refuseWorkers(t, Object.assign(new Error('denied'), { code: 'ERR_ACCESS_DENIED' }))
    const stream = { write: (line: string) => void lines.push(line) }
    const app = await makeApp(t, options, { logger: { stream } })
    const [arrived, answered] = [latch(), latch()]
    let count = 0
    app.get('/', async () => {
      if (++count === namedAtMost + 1) arrived.open()
      await answered.opened
      return {}
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const answers = Array.from({ length: namedAtMost + 1 }, () => fetch(`http://127.0.0.1:${portOf(app)}/`))
    await arrived.opened
    const closed = app.close()
    answered.open()
    await Promise.all([closed, ...answers])
    const warnings = lines
      .map((line) => JSON.parse(line))
      .filter(({ code }) => code === 'LIFECYCLE_NO_WATCHDOG')
    assert.deepEqual(
      warnings.map(({ level, err }) => [level, err.code]),
      [[40, 'ERR_ACCESS_DENIED']]
    )
  })

  test('has no deadline of the process where it lives on after its shutdown', async (t) => {
    const deadlines: number[] = []
    const { setTime } = SharedState.prototype
    SharedState.prototype.setTime = function (name, ms) {
      if (name === 'deadline') deadlines.push(ms)
      setTime.call(this, name, ms)
    }
    t.after(() => {
      SharedState.prototype.setTime = setTime
    })
    const app = await makeApp(t, options)
    await app.lifecycle.shutdown()
    assert.equal(app.lifecycle.report?.outcome, 'clean')
    assert.deepEqual([...new Set(deadlines)], [0])
  })
})
