import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Frame } from '../../../lib/watchdog/kill-line.ts'
import { killLine } from '../../../lib/watchdog/kill-line.ts'
import { SharedState } from '../../../lib/watchdog/shared-state.ts'
import { type Look, type ThreadWorld, WatchdogThread } from '../../../lib/watchdog/thread.ts'

const frame: Frame = { function: 'spin', file: '/app.js', line: 1, column: 2 }

/** A world whose clock only the thread's own waiting moves. What happens at a wait can be said. */
class World implements ThreadWorld {
  clock = 1_000
  cpu = 0
  readonly did: string[] = []
  readonly timers: (() => void)[] = []
  written = ''
  onWait: (ms: number) => void = () => {}
  readStack: ThreadWorld['readStack'] = async (found) => found([frame])
  write: ThreadWorld['write'] = async (text) => {
    this.written += text
  }

  now(): number {
    return this.clock
  }

  cpuTime(): number {
    return this.cpu
  }

  get look(): Look {
    return { at: this.clock, cpuTime: this.cpu }
  }

  wait(_generation: number, ms: number): void {
    this.clock += ms
    this.onWait(ms)
    assert.ok(this.clock < 100_000, 'it waits for ever')
  }

  after(_ms: number, callback: () => void): void {
    this.timers.push(callback)
  }

  prepareStack(): void {
    this.did.push('prepare')
  }

  line: ThreadWorld['line'] = (verdict, facts, stack) =>
    killLine(verdict, facts, stack, { pid: 1, hostname: 'host', time: 2 })

  kill(): void {
    this.did.push('kill')
  }
}

function setUp(times: Partial<Record<'deadline' | 'margin' | 'stall', number>>) {
  const state = new SharedState()
  const world = new World()
  state.setTime('beat', world.clock)
  for (const [name, ms] of Object.entries(times)) state.setTime(name as 'deadline', ms)
  return { state, world, made: world.look, thread: new WatchdogThread(state, world) }
}

describe('the thread', () => {
  test('goes on until the deadline, and then kills with a line', async () => {
    const { state, world, made, thread } = setUp({ deadline: 3_000, margin: 250 })
    state.writeFacts(JSON.stringify({ at: 1_000, hooks: [{ name: 'db', phase: 'closing', age: 5 }] }))
    await thread.run(made)
    assert.equal(world.clock, 3_000)
    assert.deepEqual(new Set(world.did), new Set(['prepare', 'kill']))
    const line = JSON.parse(world.written)
    assert.equal(line.code, 'LIFECYCLE_HARD_KILL')
    assert.equal(line.blockedFor, 2_000)
    assert.deepEqual(line.hooks, [{ name: 'db', phase: 'closing', age: 2_005 }])
    assert.deepEqual(line.stack, [frame])
  })

  test('leaves the main thread alone until then, while its loop turns', async () => {
    const { state, world, made, thread } = setUp({ deadline: 3_000, margin: 250 })
    world.onWait = () => state.setTime('beat', world.clock)
    assert.deepEqual(thread.watch(made), { code: 'LIFECYCLE_HARD_KILL', at: 3_000, blockedFor: 0 })
    assert.deepEqual(world.did, [])
  })

  test('ends when it is called off', async () => {
    const { state, world, made, thread } = setUp({ deadline: 3_000, margin: 250 })
    world.onWait = () => state.callOff()
    await thread.run(made)
    assert.deepEqual([world.did, world.written], [[], ''])
  })

  test('takes a deadline that it is given later', () => {
    const { state, world, made, thread } = setUp({ stall: 10_000 })
    world.onWait = () => {
      state.setTime('beat', world.clock)
      state.setTime('deadline', 9_000)
    }
    assert.equal(thread.watch(made)?.at, 9_000)
  })

  test('kills when there was no heartbeat for too long', () => {
    const { world, made, thread } = setUp({ stall: 500 })
    assert.deepEqual(thread.watch(made), { code: 'LIFECYCLE_STALL', at: 1_500, blockedFor: 500 })
    assert.equal(world.clock, 1_500)
  })
})

describe('a process that was stopped', () => {
  const stopOnce = (world: World, ms: number, cpu = 0) => {
    let stopped = false
    world.onWait = () => {
      if (!stopped) world.clock += ms
      if (!stopped) world.cpu += cpu
      stopped = true
    }
  }

  test('has not stalled: the time counts anew', () => {
    const { world, made, thread } = setUp({ stall: 500 })
    stopOnce(world, 5_000)
    assert.equal(thread.watch(made)?.at, 1_000 + 125 + 5_000 + 500)
  })

  test('gets its margin after its deadline', () => {
    const { world, made, thread } = setUp({ deadline: 3_000, margin: 400 })
    stopOnce(world, 5_000)
    assert.equal(thread.watch(made)?.at, 1_000 + 100 + 5_000 + 400)
  })

  test('gets it once only', () => {
    const { world, made, thread } = setUp({ deadline: 3_000, margin: 400 })
    world.onWait = () => {
      world.clock += 5_000
    }
    assert.equal(thread.watch(made)?.at, 1_000 + 2 * (100 + 5_000))
  })

  test('does not get it after a moment in which the machine may just have been busy', () => {
    const { world, made, thread } = setUp({ deadline: 3_000, margin: 400 })
    world.onWait = () => {
      if (world.clock > 2_600 && world.clock < 3_000) world.clock += 900
    }
    assert.equal(thread.watch(made)?.at, 2_700 + 900)
  })

  test('gets it too where the thread was made before the stop, and began after it', () => {
    const { world, made, thread } = setUp({ deadline: 3_000, margin: 400 })
    world.clock += 5_000
    assert.equal(thread.watch(made)?.at, 1_000 + 5_000 + 400)
  })

  test('has no need of it where the deadline is far', () => {
    const { world, made, thread } = setUp({ deadline: 9_000, margin: 400 })
    stopOnce(world, 1_000)
    assert.equal(thread.watch(made)?.at, 9_000)
  })

  test('is told from a thread that was late while the main thread ran', () => {
    const { world, made, thread } = setUp({ stall: 500 })
    stopOnce(world, 5_000, 4_000)
    assert.equal(thread.watch(made)?.blockedFor, 125 + 5_000)
  })
})

describe('the kill comes although', () => {
  const verdict = { code: 'LIFECYCLE_STALL', at: 1_000, blockedFor: 10 } as const

  test('the stack never comes, and the write never ends: each has its time', async () => {
    const { world, thread } = setUp({})
    world.readStack = () => new Promise(() => {})
    world.write = () => new Promise(() => {})
    const executed = thread.execute(verdict)
    while (!world.did.includes('kill')) {
      world.timers.shift()?.()
      await Promise.resolve()
    }
    await executed
  })

  test('the stack fails, and there are no facts', async () => {
    const { world, thread } = setUp({})
    world.readStack = () => Promise.reject(new Error('no inspector'))
    await thread.execute(verdict)
    assert.deepEqual(JSON.parse(world.written).stack, [])
    assert.deepEqual(world.did, ['kill'])
  })

  test('the line cannot be made', async () => {
    const { world, thread } = setUp({})
    world.line = () => {
      throw new Error('no line')
    }
    await assert.rejects(thread.execute(verdict), /no line/)
    assert.deepEqual(world.did, ['kill'])
  })
})

describe('the line', () => {
  const verdict = { code: 'LIFECYCLE_HARD_KILL', at: 2_000, blockedFor: 10.4 } as const
  const own = { pid: 1, hostname: 'host', time: 2 }

  test('is like those of the app, and has all that was known', () => {
    const facts = {
      at: 1_900,
      bindings: { name: 'orders' },
      phase: 'draining',
      hooks: [],
      requests: [{ id: '1', method: 'GET', route: '/a', age: 7 }],
      inFlight: 1,
      work: [{ name: 'mail', age: 8 }]
    } as const
    const inside: Frame = { function: 'inner', file: 'node:fs', line: 1, column: 1 }
    assert.deepEqual(killLine(verdict, facts, [inside, frame], own), {
      level: 60,
      time: 2,
      pid: 1,
      hostname: 'host',
      name: 'orders',
      code: 'LIFECYCLE_HARD_KILL',
      phase: 'draining',
      hooks: [],
      requests: [{ id: '1', method: 'GET', route: '/a', age: 107 }],
      inFlight: 1,
      work: [{ name: 'mail', age: 108 }],
      blockedFor: 10,
      stack: [inside, frame],
      msg: 'killed because the deadline has passed: no turn of the event loop for 10 ms, in spin (/app.js:1:2)'
    })
  })

  test('names what Node.js does where nothing else is on the stack', () => {
    const inside: Frame = { function: 'inner', file: 'node:fs', line: 1, column: 1 }
    assert.match(killLine(verdict, {}, [inside], own).msg, /in inner \(node:fs:1:1\)$/)
    assert.match(killLine(verdict, {}, [], own).msg, /for 10 ms$/)
  })
})

describe('the shared state', () => {
  test('never gives half of the facts for the whole', () => {
    const state = new SharedState()
    assert.equal(state.writeFacts('{"a":"ü"}'), true)
    assert.equal(state.readFacts(), '{"a":"ü"}')
    Atomics.add(state.cells, 2, 1)
    assert.equal(state.readFacts(), undefined)
  })

  test('says when there is no room for the facts, and keeps the old ones', () => {
    const state = new SharedState()
    state.writeFacts('{}')
    assert.equal(state.writeFacts('x'.repeat(70_000)), false)
    assert.equal(state.readFacts(), '{}')
  })
})
