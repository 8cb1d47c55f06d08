import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { describe, type TestContext, test } from 'node:test'
import type { BegunExit, GuardedEnd } from '../../../lib/process/exit-guard.ts'
import type { ExitSystem } from '../../../lib/process/exit-system.ts'
import type { EndingProcess } from '../../../lib/undocumented/process-end.ts'
import type { ExitFacts, Facts } from '../../../lib/watchdog/facts.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const time = new VirtualTime()
const { guardExit } = await time.load(() => import('../../../lib/process/exit-guard.ts'))
const { thisSystem } = await import('../../../lib/process/exit-system.ts')

/** Thrown where a real process would be gone. */
class Gone extends Error {}

/** A process that can exit as Node.js' does. */
class FakeProcess extends EventEmitter {
  exitCode: number | undefined
  _exiting = false
  readonly execPath = process.execPath
  readonly ends: unknown[] = []
  onEnd: () => void = () => {}

  chdir(): void {}

  reallyExit(code: number): void {
    this.ends.push(code)
    this.onEnd()
    throw new Gone()
  }

  exit(...given: number[]): void {
    if (given.length > 0) this.exitCode = given[0]
    if (!this._exiting) {
      this._exiting = true
      this.emit('exit', this.exitCode ?? 0)
    }
    this.reallyExit(this.exitCode ?? 0)
  }
}

const facts: Facts = {
  phase: 'closed',
  hooks: [],
  hookCount: 0,
  requests: [],
  inFlight: 0,
  work: [],
  workCount: 0,
  at: 0,
  bindings: {}
}

function setUp({
  holds = [] as (string[] | undefined)[],
  end = {} as Partial<GuardedEnd>,
  system = {} as Partial<ExitSystem>
}) {
  const target = new FakeProcess()
  const begun: BegunExit[] = []
  const waits: ExitFacts[] = []
  const did: unknown[] = []
  const times = { giveUpAt: time.now + 1_000, deadline: time.now + 1_250 }
  const stop = guardExit(
    {
      endsProcess: () => true,
      watchdog: () => ({ thread: 7, isAlive: true }),
      facts: () => facts,
      times: () => times,
      begun: (exit) => begun.push(exit),
      waits: (exit) => waits.push(exit),
      ...end
    },
    target as unknown as EndingProcess,
    {
      isWhole: true,
      lastWords: () => ({
        useReserve: () => did.push('reserve'),
        say: ({ code }) => did.push(code),
        close: () => did.push('close')
      }),
      endWorkers: () => false,
      holdingThreads: (surmise) => {
        assert.deepEqual(surmise, { hasWorkers: false, hasRequests: false, watchdog: 7 })
        return holds.length > 0 ? holds.shift() : []
      },
      poolRequests: () => [],
      sleep: (ms) => {
        did.push(ms)
        time.block(ms)
      },
      replace: (_, before) => {
        before()
        did.push('replace')
        throw new Gone()
      },
      kill: () => {
        did.push('kill')
        throw new Gone()
      },
      ...system
    }
  )
  const exit = (...given: number[]) => assert.throws(() => target.exit(...given), Gone)
  return { target, begun, waits, did, stop, exit }
}

/** What is written to stderr, which nobody sees meanwhile. */
function onStderr(t: TestContext): string[] {
  const said: string[] = []
  const { writeSync } = fs
  const replaceBy = (replacement: unknown) => {
    Object.assign(fs, { writeSync: replacement })
    syncBuiltinESMExports()
  }
  replaceBy((_descriptor: number, text: string) => said.push(text))
  t.after(() => replaceBy(writeSync))
  return said
}

test('the real system replaces the process where Node.js can', (t) => {
  const given: unknown[] = []
  const target = process as unknown as EndingProcess
  const { execve } = target
  const directory = process.cwd()
  target.execve = (...args: unknown[]) => {
    given.push(args)
  }
  t.after(() => {
    process.chdir(directory)
    if (execve === undefined) delete target.execve
    else target.execve = execve
  })
  thisSystem.replace(3, () => given.push('before'))
  assert.deepEqual(given, ['before', ['/bin/sh', ['/bin/sh', '-c', 'exit 3'], {}]])
})

describe('a guarded exit', () => {
  test('runs each listener, although one of them throws, and keeps its code', (t) => {
    const { target, exit, waits } = setUp({})
    const said = onStderr(t)
    const ran: unknown[] = []
    target.on('exit', function first(code: number) {
      ran.push(code)
      throw new Error('the first fails')
    })
    target.once('exit', function second() {
      ran.push('second')
    })
    target.on('exit', () => ran.push('third'))
    exit(3)
    assert.deepEqual(ran, [3, 'second', 'third'])
    assert.deepEqual(target.ends, [3])
    assert.match(String(said), /^the 'exit' listener 'first' failed.*\nError: the first fails/)
    assert.deepEqual(waits, [
      { code: 3, listener: 'first' },
      { code: 3, listener: 'second' },
      { code: 3, listener: '(anonymous)' },
      { code: 3, heldBy: [] }
    ])
  })

  test('has the code that a listener sets', () => {
    const { target, exit } = setUp({})
    target.on('exit', () => {
      target.exitCode = 9
    })
    exit()
    assert.deepEqual(target.ends, [9])
  })

  test('ends at once where nothing holds it', () => {
    const { target, did, exit } = setUp({})
    exit(0)
    assert.deepEqual([target.ends, did], [[0], ['reserve']])
  })

  test('waits until nothing holds it twice in a row', () => {
    const { target, did, exit } = setUp({ holds: [['a thread'], [], ['a thread'], [], []] })
    exit(0)
    assert.deepEqual([target.ends, did], [[0], ['reserve', 1, 2, 4, 8]])
  })

  test('is replaced when the main thread gives up, and looks ever more seldom until then', () => {
    const begin = time.now
    const { target, did, exit } = setUp({ system: { holdingThreads: () => ['a thread'] } })
    exit(0)
    assert.deepEqual(target.ends, [])
    assert.deepEqual(did.slice(-2), ['LIFECYCLE_EXIT_HELD', 'replace'])
    assert.equal(Math.max(...did.filter((each) => typeof each === 'number')), 20)
    assert.ok(time.now - begin >= 1_000 && time.now - begin < 1_020)
  })

  test('is left to the watchdog where it cannot be replaced, and then killed', () => {
    const begin = time.now
    let attempts = 0
    const { did, exit } = setUp({
      system: { holdingThreads: () => ['a thread'], replace: () => void attempts++ }
    })
    exit(0)
    assert.equal(attempts, 1)
    assert.deepEqual(did.slice(-2), ['LIFECYCLE_HARD_KILL', 'kill'])
    assert.ok(time.now - begin >= 1_750 && time.now - begin < 1_775)
  })

  test('is killed at the deadline where no watchdog can do it', () => {
    const begin = time.now
    const { did, exit } = setUp({
      end: { watchdog: () => ({ thread: 7, isAlive: false }) },
      system: { holdingThreads: () => ['a thread'], replace() {} }
    })
    exit(0)
    assert.deepEqual(did.slice(-2), ['LIFECYCLE_HARD_KILL', 'kill'])
    const waited = time.now - begin
    assert.ok(waited >= 1_250 && waited < 1_275, `${waited} ms`)
  })

  test('goes by the requests that have outlived the wait, where nothing is known of threads', () => {
    const early = setUp({ system: { holdingThreads: () => undefined, poolRequests: () => ['FSReqPromise'] } })
    early.exit(0)
    assert.deepEqual(early.target.ends, [0])
    const begin = time.now
    const late = setUp({
      end: { times: () => ({ giveUpAt: begin, deadline: begin + 250 }) },
      system: { holdingThreads: () => undefined, poolRequests: () => ['FSReqPromise'] }
    })
    late.exit(0)
    assert.deepEqual(late.waits.at(-1), { code: 0, heldBy: ['FSReqPromise'] })
    assert.deepEqual(late.did.at(-1), 'replace')
  })

  test('is guarded where a listener exits, and where nobody emits anything', () => {
    const { target, exit, begun, waits } = setUp({})
    target.on('exit', function exits() {
      assert.throws(() => target.exit(5), Gone)
      assert.deepEqual(waits.at(-1), { code: 5, heldBy: [] })
    })
    exit(2)
    assert.deepEqual([target.ends[0], begun.map(({ code }) => code)], [5, [2]])
    const direct = setUp({})
    direct.target.exitCode = 4
    assert.throws(() => (direct.target.reallyExit as () => void)(), Gone)
    assert.deepEqual([direct.target.ends, direct.begun.map(({ code }) => code)], [[4], [4]])
  })

  test('is not guarded where the process lives on after its shutdown, or only a thread ends', () => {
    for (const more of [{ end: { endsProcess: () => false } }, { system: { isWhole: false } }]) {
      const { target, exit, waits, begun } = setUp(more)
      const throws = () => {
        throw new Error('from a listener')
      }
      exit(1)
      assert.deepEqual([target.ends, waits, begun.length], [[1], [], 1])
      target.on('exit', throws)
      target._exiting = false
      assert.throws(() => target.exit(1), /from a listener/)
    }
  })

  test('goes on even if its report cannot be written', () => {
    const fails = () => {
      throw new Error('cannot be told')
    }
    const end = { begun: fails, waits: fails, facts: fails }
    const { target, did, exit } = setUp({ end, system: { holdingThreads: () => ['a thread'] } })
    target.on('exit', () => did.push('listener'))
    exit(0)
    assert.deepEqual([did[0], did.at(-1)], ['listener', 'replace'])
  })

  test('runs each listener once, although the guard of another version is one of them', (t) => {
    const { target, begun } = setUp({})
    onStderr(t)
    const ran: number[] = []
    const atEnd: number[][] = []
    target.onEnd = () => atEnd.push([...ran])
    target.on('exit', (code: number) => ran.push(code))
    const stop = guardExit(
      {
        endsProcess: () => true,
        watchdog: () => ({ thread: 0, isAlive: false }),
        facts: () => facts,
        times: () => ({ giveUpAt: time.now + 1_000, deadline: time.now + 1_250 }),
        begun: (exit) => begun.push(exit),
        waits() {}
      },
      target as unknown as EndingProcess
    )
    assert.throws(() => target.exit(2), Gone)
    // The first end is the last thing that a real process does.
    assert.deepEqual([atEnd[0], target.ends[0], begun.length], [[2], 2, 2])
    stop()
  })

  test('is only the end of the process, not an event that somebody emits', () => {
    const { target, begun } = setUp({})
    target.emit('exit', 1)
    assert.deepEqual([target.ends, begun], [[], []])
  })
})

describe('who ends the process', () => {
  test('is reported with the stack of the caller of process.exit()', () => {
    const { begun, exit } = setUp({})
    exit(6)
    const [{ code, error, isCrash }] = begun as [BegunExit]
    assert.deepEqual([code, isCrash], [6, false])
    assert.match((error as Error).stack as string, /exit-guard\.test/)
    assert.doesNotMatch((error as Error).stack as string, /ExitGuard/)
  })

  test('is an error that nobody catches', () => {
    const { target, begun } = setUp({})
    const error = new Error('nobody catches this')
    target.emit('uncaughtExceptionMonitor', error)
    target._exiting = true
    assert.throws(() => target.emit('exit', 1), Gone)
    assert.deepEqual(begun, [{ code: 1, error, isCrash: true }])
  })

  test('is not an error that somebody listens for', () => {
    const { target, begun, exit } = setUp({})
    target.on('uncaughtException', () => {})
    target.emit('uncaughtExceptionMonitor', new Error('caught'))
    exit(0)
    assert.equal(begun[0]?.isCrash, false)
  })
})

test('without a guard nothing stays', () => {
  const { target, did, stop } = setUp({})
  stop()
  assert.deepEqual([target.eventNames(), did], [[], ['close']])
  assert.throws(() => target.exit(1), Gone)
})
