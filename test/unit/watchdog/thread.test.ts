import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Facts } from '../../../lib/watchdog/facts.ts'
import type { Frame, KillLine } from '../../../lib/watchdog/kill-line.ts'
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
  /** What was written to files, by path. */
  readonly files: string[] = []
  onWait: (ms: number) => void = () => {}
  readStack: ThreadWorld['readStack'] = async (found) => found([frame])
  write: ThreadWorld['write'] = async (text) => {
    this.written += text
  }
  writeToFile: ThreadWorld['writeToFile'] = async (...given) => {
    this.files.push(given.join(' | '))
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

  mainThreadWaits(): boolean | undefined {
    return undefined
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

  test('kills with a line without a stack where the look at the stack cannot be prepared', async () => {
    const { world, made, thread } = setUp({ deadline: 3_000, margin: 250 })
    world.prepareStack = () => {
      throw new Error('no inspector')
    }
    world.readStack = async () => {}
    await thread.run(made)
    assert.deepEqual([world.did, JSON.parse(world.written).stack], [['kill'], []])
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

describe('a process that is exiting', () => {
  const execute = async (exit: Facts['exit']) => {
    const { state, world, thread } = setUp({})
    state.writeFacts(JSON.stringify({ at: 1_000, exit }))
    await thread.execute({ code: 'LIFECYCLE_HARD_KILL', at: 1_000, blockedFor: 10 })
    return JSON.parse(world.written) as KillLine
  }

  test('is killed with the stack of the listener that holds it', async () => {
    const { exit, msg } = await execute({ code: 3, listener: 'flush' })
    assert.deepEqual(exit, { code: 3, listener: 'flush' })
    assert.equal(
      msg,
      "killed because the deadline has passed: the exit with code 3 was held by the 'exit' listener 'flush', in spin (/app.js:1:2)"
    )
  })

  test('is killed without a stack where it waits for other threads', async () => {
    const { stack, msg } = await execute({ code: 0, heldBy: ['a thread in openat', 'a thread in poll'] })
    assert.deepEqual(stack, [])
    assert.match(msg, /the exit with code 0 was held by a thread in openat and a thread in poll$/)
    assert.match((await execute({ code: 0, heldBy: [] })).msg, /was held by Node\.js itself$/)
  })

  test('is replaced with a line that says so, and is no fatal one', () => {
    const facts = { exit: { code: 3, heldBy: ['a thread in openat'] } }
    const own = { pid: 1, hostname: 'host', time: 2 }
    const { level, msg } = killLine({ code: 'LIFECYCLE_EXIT_HELD', at: 0, blockedFor: 0 }, facts, [], own)
    assert.equal(level, 50)
    assert.equal(
      msg,
      'the exit was held by a thread in openat: the process was replaced by one that exits with code 3'
    )
    // Without anything that is known of the exit there is still a line.
    assert.match(killLine({ code: 'LIFECYCLE_EXIT_HELD', at: 0, blockedFor: 0 }, {}, [], own).msg, /^killed/)
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

  test('differs from a thread that was late while the main thread ran', () => {
    const { world, made, thread } = setUp({ stall: 500 })
    stopOnce(world, 5_000, 4_000)
    assert.equal(thread.watch(made)?.blockedFor, 125 + 5_000)
  })
})

describe('the termination log', () => {
  const verdict = { code: 'LIFECYCLE_HARD_KILL', at: 1_000, blockedFor: 10 } as const
  const executeWith = async (facts: Partial<Facts>, change: (world: World) => void = () => {}) => {
    const { state, world, thread } = setUp({})
    state.writeFacts(JSON.stringify({ at: 1_000, ...facts }))
    change(world)
    await thread.execute(verdict)
    assert.deepEqual(world.did, ['kill'])
    return world
  }
  const hooks = [{ name: 'outbox', phase: 'closing', age: 1 }] as const
  const said =
    "killed because the deadline has passed: no turn of the event loop for 10 ms, in spin (/app.js:1:2); hook 'outbox' was not done"

  test('gets the text of the line, in place of what is there', async () => {
    const { files, written } = await executeWith({ hooks, hookCount: 1, terminationLog: '/log' })
    assert.deepEqual(files, [`/log | ${said}\n | false`])
    assert.equal(JSON.parse(written).msg, said)
    assert.equal('terminationLog' in JSON.parse(written), false)
  })

  test('gets it after what the main thread has said, once the exit has begun', async () => {
    const { files } = await executeWith({ exit: { code: 0, heldBy: [] }, terminationLog: '/log' })
    assert.match(String(files), /^\/log \| killed because .* the exit with code 0 was held by .*\n \| true$/s)
  })

  test('comes after the line, and neither keeps the other from being written', async () => {
    const fails = () => Promise.reject(new Error('EIO'))
    const order: string[] = []
    const { files } = await executeWith({ terminationLog: '/log' }, (world) => {
      world.write = () => {
        order.push('line')
        return fails()
      }
    })
    assert.deepEqual([order, files.length], [['line'], 1])
    const { written } = await executeWith({ terminationLog: '/log' }, (world) => {
      world.writeToFile = fails
    })
    assert.notEqual(written, '')
  })

  test('is left alone where there is none', async () => {
    assert.deepEqual((await executeWith({})).files, [])
  })
})

describe('the kill comes although', () => {
  const verdict = { code: 'LIFECYCLE_STALL', at: 1_000, blockedFor: 10 } as const

  test('the stack never comes, and the write never ends: each has its time', async () => {
    const { state, world, thread } = setUp({})
    world.readStack = () => new Promise(() => {})
    world.write = () => new Promise(() => {})
    world.writeToFile = () => new Promise(() => {})
    state.writeFacts(JSON.stringify({ terminationLog: '/dev/termination-log' }))
    const executed = thread.execute(verdict)
    while (!world.did.includes('kill')) {
      world.timers.shift()?.()
      await Promise.resolve()
    }
    await executed
  })

  test('the main thread is in the system, and has no stack to show: that is seen, and not waited for', async () => {
    const { world, thread } = setUp({})
    const seen: (boolean | undefined)[] = [true, true, false, ...Array.from({ length: 8 }, () => true)]
    const pauses: number[] = []
    world.readStack = () => new Promise(() => {})
    world.mainThreadWaits = () => seen.shift()
    world.after = (ms, callback) => {
      pauses.push(ms)
      if (ms === 10) setImmediate(callback)
    }
    await thread.execute(verdict)
    assert.equal(pauses.filter((ms) => ms === 10).length, 11)
    assert.deepEqual(world.did, ['kill'])
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
      msg: "killed because the deadline has passed: no turn of the event loop for 10 ms, in spin (/app.js:1:2); phase 'draining'; 1 request in flight"
    })
  })

  test('says what was not done: the first hooks, the requests, or else the phase', () => {
    const hook = (name: string) => ({ name, phase: 'closing', age: 1 }) as const
    const end = (facts: Partial<Facts>) => killLine(verdict, facts, [], own).msg.split(' ms')[1]
    assert.equal(
      end({ phase: 'closing', hooks: [hook('a')], inFlight: 2 }),
      "; hook 'a' was not done; 2 requests in flight"
    )
    assert.equal(end({ hooks: [hook('a'), hook('b')] }), "; hooks 'a', 'b' were not done")
    const many = ['a', 'b', 'c', 'd'].map(hook)
    assert.equal(end({ hooks: many, hookCount: 30 }), "; hooks 'a', 'b', 'c' and 27 more were not done")
    assert.equal(end({ phase: 'ready' }), "; phase 'ready'")
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
