import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { syncBuiltinESMExports } from 'node:module'
import { beforeEach, describe, test } from 'node:test'
import workerThreads from 'node:worker_threads'
import type { Facts } from '../../../lib/watchdog/facts.ts'
import { SharedState } from '../../../lib/watchdog/shared-state.ts'
import type { ThreadSetup } from '../../../lib/watchdog/thread-world.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

/** A thread that does nothing by itself. */
class SilentWorker extends EventEmitter {
  readonly state: SharedState
  readonly mayReadStack: boolean

  constructor(_text: string, { workerData }: { workerData: ThreadSetup }) {
    super()
    this.state = new SharedState(workerData.buffer)
    this.mayReadStack = workerData.mayReadStack
    worker = this
  }

  unref(): void {}
}

let worker: SilentWorker
Object.assign(workerThreads, { Worker: SilentWorker })
syncBuiltinESMExports()

const time = new VirtualTime()
const { Watchdog } = await time.load(() => import('../../../lib/watchdog/watchdog.ts'))
const { now } = await time.load(() => import('../../../lib/time/clock.ts'))
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

describe('a thread that does not say that it is alive', () => {
  let lost: string[]
  beforeEach(() => {
    lost = []
  })
  const watch = (ms: number | undefined, stall?: number) =>
    new Watchdog({ deadline: ms === undefined ? undefined : now() + ms, margin: 250, stall }, () => facts, {
      lost: (error) => lost.push((error as Error).message),
      found: () => lost.push('found')
    })

  test('counts as lost, once, when half of the time to the deadline is over', async () => {
    const watchdog = watch(4_250)
    await time.pass(2_000)
    assert.deepEqual(lost, [])
    await time.pass(50)
    assert.deepEqual(lost, ['the thread did not start to run'])
    worker.emit('error', new Error('and then it failed'))
    await time.pass(4_000)
    assert.equal(lost.length, 1)
    watchdog.callOff()
  })

  test('has half a second, however near the deadline is', async () => {
    const watchdog = watch(300)
    await time.pass(500)
    assert.deepEqual(lost, [])
    await time.pass(50)
    assert.equal(lost.length, 1)
    watchdog.callOff()
  })

  test('has ten seconds where only stalls are watched for', async () => {
    const watchdog = watch(undefined, 400)
    await time.pass(10_000)
    assert.deepEqual(lost, [])
    await time.pass(100)
    assert.equal(lost.length, 1)
    watchdog.callOff()
  })

  test('is not lost if it says so later, but in time', async () => {
    const watchdog = watch(4_250)
    await time.pass(1_900)
    worker.state.sayAlive()
    await time.pass(2_000)
    watchdog.callOff()
    assert.deepEqual(lost, [])
  })

  for (const allowed of [true, false]) {
    test(`${allowed ? 'reads' : 'does not read'} the stack where the permission model ${allowed ? 'allows' : 'forbids'} the inspector`, (t) => {
      const asked: string[] = []
      const has = (scope: string) => asked.push(scope) > 0 && allowed
      Object.defineProperty(process, 'permission', { value: { has }, configurable: true })
      t.after(() => Reflect.deleteProperty(process, 'permission'))
      watch(10_000).callOff()
      assert.deepEqual([worker.mayReadStack, asked], [allowed, ['inspector']])
    })
  }

  test('is watched with the facts there were, where new ones cannot be had', () => {
    let looks = 0
    const watchdog = new Watchdog(
      { deadline: now() + 10_000, margin: 250, stall: undefined },
      () => {
        if (++looks > 1) throw new Error('a getter of the app')
        return facts
      },
      { lost: (error) => assert.fail(error as Error), found() {} }
    )
    watchdog.note()
    watchdog.callOff()
    assert.ok(looks > 1)
  })

  test('is lost when it ends, unless it was called off', async () => {
    const watchdog = watch(4_250)
    worker.emit('exit', 0)
    assert.deepEqual(lost, ['the thread has ended'])
    watchdog.callOff()
    const other = watch(4_250)
    other.callOff()
    worker.emit('exit', 0)
    assert.equal(lost.length, 1)
  })
})
