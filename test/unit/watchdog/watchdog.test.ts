import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { describe, type TestContext, test } from 'node:test'
import workerThreads, { Worker } from 'node:worker_threads'
import { monotonic, now } from '../../../lib/clock.ts'
import { type Facts, mergeOutstanding, namedAtMost, type Outstanding } from '../../../lib/watchdog/facts.ts'
import { limitsOf, ownDeadline } from '../../../lib/watchdog/limits.ts'
import { SharedState } from '../../../lib/watchdog/shared-state.ts'
import { enter, parts, threadSource } from '../../../lib/watchdog/source.ts'
import { Watchdog } from '../../../lib/watchdog/watchdog.ts'
import { cleanup } from '../../support/cleanup.ts'
import { latch, makeApp, portOf } from '../../support/in-process.ts'

const require = createRequire(import.meta.url)
const facts: Facts = { phase: 'ready', hooks: [], requests: [], inFlight: 0, work: [], at: 0, bindings: {} }

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

test('several apps are told of as one, in the phase of the one that has come least far', () => {
  const one: Outstanding = {
    phase: 'closing',
    hooks: [],
    requests: [],
    inFlight: 2,
    work: [{ name: 'mail', age: 1 }]
  }
  const many = Array.from({ length: 15 }, () => ({ name: 'a', phase: 'closing', age: 1 }) as const)
  const merged = mergeOutstanding(
    [one, { phase: 'draining', hooks: many, requests: [], inFlight: 3, work: [] }, { ...one, hooks: many }],
    ['draining', 'closing']
  )
  assert.deepEqual([merged.phase, merged.inFlight, merged.hooks.length], ['draining', 7, namedAtMost])
  assert.equal(merged.work.length, 2)
})

describe("the thread's code", () => {
  const setup = (state: SharedState) => ({
    buffer: state.buffer,
    clockOffset: monotonic() - now(),
    sourceMaps: true,
    made: { at: now(), cpuTime: 0 }
  })

  test('stands alone: it runs in a thread, and ends when it is called off', async () => {
    const state = new SharedState()
    state.setTime('stall', 60_000)
    state.setTime('beat', now())
    const worker = new Worker(threadSource(), { eval: true, execArgv: [], env: {}, workerData: setup(state) })
    await once(worker, 'online')
    state.callOff()
    assert.deepEqual(await once(worker, 'exit'), [0])
  })

  test('reads the stack, writes the line and kills', async () => {
    const did: unknown[] = []
    const state = new SharedState()
    state.setTime('beat', now() - 1_000)
    // Far enough for a look before it on a busy machine, too.
    state.setTime('deadline', now() + 2_000)
    const place = { url: import.meta.url, line: 0, column: 0, sourceMapURL: '' }
    class MainStack extends parts.MainStack {
      override attach(): void {
        did.push('attach')
      }
      override async read(): Promise<{ function: string; place: typeof place }[]> {
        return [{ function: 'spin', place: { ...place, sourceMapURL: 'nowhere.map' } }]
      }
    }
    const load = (name: string) => {
      if (name !== 'node:process') return require(name)
      return { ...process, pid: 42, kill: (...args: unknown[]) => did.push(args) }
    }
    const writeAll = async (descriptor: number, text: string) => {
      did.push([descriptor, JSON.parse(text).stack[0].function, JSON.parse(text).pid])
    }
    await enter(setup(state), load, { ...parts, MainStack, writeAll })
    assert.deepEqual(did.slice(-2), [
      [2, 'spin', 42],
      [42, 'SIGKILL']
    ])
    assert.deepEqual(new Set(did.slice(0, -2)), new Set(['attach']))
  })

  test('traps as the first process of a container, which no signal from inside can kill', async () => {
    const did: unknown[] = []
    const state = new SharedState()
    state.setTime('deadline', 1)
    const load = (name: string) => {
      if (name === 'node:process') return { ...process, pid: 1, kill: (...args: unknown[]) => did.push(args) }
      if (name === 'node:v8') return { setFlagsFromString: (flag: string) => did.push(flag) }
      return require(name)
    }
    const write = async () => {}
    class MainStack extends parts.MainStack {
      override async read(): Promise<never[]> {
        return []
      }
    }
    // Without the flag it is no syntax, and no trap.
    await assert.rejects(enter(setup(state), load, { ...parts, MainStack, writeAll: write }), SyntaxError)
    assert.deepEqual(did, [[1, 'SIGKILL'], '--allow-natives-syntax'])
  })

  test('shows what runs where source maps are off', async () => {
    const did: unknown[] = []
    const state = new SharedState()
    state.setTime('deadline', 1)
    class MainStack extends parts.MainStack {
      override async read(): Promise<never[]> {
        return []
      }
    }
    const load = (name: string) =>
      name === 'node:process' ? { ...process, kill: () => did.push('kill') } : require(name)
    const writeAll = async () => void did.push('write')
    await enter({ ...setup(state), sourceMaps: false }, load, { ...parts, MainStack, writeAll })
    assert.deepEqual(did, ['write', 'kill'])
  })
})

/** Lets no worker be made until the test is over. */
function refuseWorkers(t: TestContext, error: Error): void {
  const original = workerThreads.Worker
  const replaceBy = (Worker: unknown) => {
    Object.assign(workerThreads, { Worker })
    syncBuiltinESMExports()
  }
  replaceBy(
    class {
      constructor() {
        throw error
      }
    }
  )
  cleanup(t, () => replaceBy(original))
}

describe('the watchdog', () => {
  const limits = { deadline: undefined, margin: 0, stall: 60_000 }

  test('says why there is none', async (t) => {
    const lost: unknown[] = []
    refuseWorkers(t, new Error('no threads here'))
    const watchdog = new Watchdog(
      limits,
      () => facts,
      (error) => lost.push(error)
    )
    watchdog.watch({ deadline: now() + 60_000, margin: 250, stall: undefined })
    watchdog.callOff()
    assert.match(String(lost), /no threads here/)
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
      assert.ifError
    )
    watchdog.note()
    watchdog.callOff()
    assert.equal(asked, 2)
  })

  test('does without what cannot be told', () => {
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
      const watchdog = new Watchdog(
        limits,
        () => current,
        () => {}
      )
      current = { ...strange, requests: [{ id: '1', method: 'GET', route: 'x'.repeat(70_000), age: 1 }] }
      watchdog.note()
      watchdog.callOff()
    } finally {
      SharedState.prototype.writeFacts = writeFacts
    }
    const told = written.map((text) => JSON.parse(text) as Facts)
    assert.deepEqual(told[0]?.bindings, {})
    assert.deepEqual([told.at(-1)?.requests, told.at(-1)?.inFlight], [[], 7])
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
      assert.ifError
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
