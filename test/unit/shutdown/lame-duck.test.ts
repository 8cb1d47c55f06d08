import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { ShutdownReason } from '../../../lib/report/reason.ts'
import type { LameDuckReport } from '../../../lib/report/report.ts'
import type { Shutdown } from '../../../lib/shutdown/shutdown.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const time = new VirtualTime()
const { lameDuck } = await time.load(() => import('../../../lib/shutdown/lame-duck.ts'))
const { Budget } = await import('../../../lib/time/budget.ts')
const { Readiness } = await import('../../../lib/health/readiness.ts')

beforeEach(() => time.forget())

const always = { isServing: () => true, isHeld: () => false, areChecksGood: () => true, onProber: () => {} }

interface Duck {
  readonly max: number
  readonly min?: number
  readonly probes?: number
  readonly budget?: number
  readonly wasServing?: boolean
  readonly isReplaced?: boolean
  readonly reason?: ShutdownReason
}

/** A lame duck that has begun. */
function begin({
  max,
  min = 0,
  probes = 0,
  budget = 60_000,
  wasServing = true,
  isReplaced = false,
  reason
}: Duck) {
  const shed: number[] = []
  const readiness = new Readiness(always)
  // Who asked often before the shutdown is a prober.
  for (let count = 0; count < 3; count++) readiness.answered('a balancer')
  readiness.latchOff()
  const asked: number[] = []
  const seenNotReady = readiness.seenNotReady.bind(readiness)
  readiness.seenNotReady = (times) => {
    asked.push(times)
    return seenNotReady(times)
  }
  const shutdown = {
    parts: {
      settings: { lameDuck: { max, min, probes } },
      traffic: { shed: (window: number) => shed.push(window) },
      readiness
    },
    budget: new Budget(budget),
    reason: reason ?? { type: 'signal', signal: 'SIGTERM' },
    wasServing,
    isReplaced,
    endLameDuck: undefined as Shutdown['endLameDuck'],
    lameDuck: { ended: 'skipped', saved: 0 } as LameDuckReport
  }
  const over = lameDuck(shutdown as unknown as Shutdown)
  return { shutdown, over, shed, asked, probe: () => readiness.answered('a balancer') }
}

describe('the lame duck', () => {
  test('lasts for its window where no probe is to end it, and sheds through it', async () => {
    const { shutdown, over, shed, asked, probe } = begin({ max: 4_000 })
    probe()
    await time.until(over)
    assert.deepEqual([time.now, shed, asked], [4_000, [4_000], []])
    assert.deepEqual(shutdown.lameDuck, { ended: 'window', saved: 0 })
    assert.equal(time.timers, 0)
  })

  test('lasts no longer than the budget does', async () => {
    const { over, shed } = begin({ max: 4_000, budget: 1_500 })
    await time.until(over)
    assert.deepEqual([time.now, shed], [1_500, [1_500]])
  })

  test('ends 100 ms after the last probe that it waits for, because requests may still be on their way', async () => {
    const { shutdown, over, asked, probe } = begin({ max: 4_000, probes: 2 })
    await time.pass(500)
    probe()
    await time.pass(500)
    probe()
    await time.until(over)
    assert.deepEqual([time.now, asked], [1_100, [2]])
    assert.deepEqual(shutdown.lameDuck, { ended: 'probes', saved: 2_900 })
    assert.equal(time.timers, 0)
  })

  test('does not end before its minimum, whatever the probes say', async () => {
    const { shutdown, over, probe } = begin({ max: 4_000, min: 1_000, probes: 1 })
    probe()
    await time.until(over)
    assert.equal(time.now, 1_000)
    assert.deepEqual(shutdown.lameDuck, { ended: 'probes', saved: 3_000 })
  })

  test('does not last longer than the budget for the sake of its minimum', async () => {
    const { shutdown, over } = begin({ max: 4_000, min: 3_000, probes: 1, budget: 2_000 })
    await time.until(over)
    assert.equal(time.now, 2_000)
    assert.deepEqual(shutdown.lameDuck, { ended: 'window', saved: 0 })
  })

  for (const duck of [{ max: 4_000 }, { max: 4_000, min: 3_000, probes: 1 }]) {
    test(`${duck.min === undefined ? 'of a set time' : 'with a minimum'} ends as soon as others serve in the app's place`, async () => {
      const { shutdown, over } = begin(duck)
      await time.pass(500)
      shutdown.endLameDuck?.('skipped')
      await over
      assert.deepEqual([time.now, time.timers], [500, 0])
      assert.deepEqual(shutdown.lameDuck, { ended: 'skipped', saved: 3_500 })
    })
  }

  test('ends with its window where the last probe comes just before that', async () => {
    const { shutdown, over, probe } = begin({ max: 4_000, probes: 1 })
    await time.pass(3_950)
    probe()
    await time.until(over)
    assert.equal(time.now, 4_000)
    assert.deepEqual(shutdown.lameDuck, { ended: 'window', saved: 0 })
  })
})

describe('the lame duck is skipped', () => {
  const skipped: Readonly<Record<string, Duck>> = {
    'where it has no time': { max: 0, min: 0 },
    'where the budget has no time': { max: 4_000, budget: 0 },
    "where others serve in the app's place already": { max: 4_000, isReplaced: true },
    'where the app did not serve': { max: 4_000, wasServing: false },
    'by a bare close': { max: 4_000, reason: { type: 'close' } },
    'by a crash': { max: 4_000, reason: { type: 'uncaughtException', error: new Error('no') } },
    'by a rejection': { max: 4_000, reason: { type: 'unhandledRejection', error: new Error('no') } }
  }
  for (const [when, duck] of Object.entries(skipped)) {
    test(when, async () => {
      const { shutdown, over, shed } = begin({ probes: 1, ...duck })
      await over
      assert.deepEqual([time.now, time.timers, shed], [0, 0, []])
      assert.deepEqual(shutdown.lameDuck, { ended: 'skipped', saved: 0 })
    })
  }

  test('not by lifecycle.shutdown()', async () => {
    const { over, shed } = begin({ max: 4_000, reason: { type: 'shutdown' } })
    await time.until(over)
    assert.deepEqual(shed, [4_000])
  })
})
