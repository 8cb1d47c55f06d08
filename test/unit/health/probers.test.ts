import assert from 'node:assert/strict'
import { test } from 'node:test'
import { itself, Probers } from '../../../lib/health/probers.ts'

/** Those that probe, on a clock that the test sets. */
function setUp() {
  let at = 0
  const known: string[] = []
  const probers = new Probers(
    (sender) => known.push(sender),
    () => at
  )
  return {
    probers,
    known,
    pass(ms: number) {
      at += ms
    },
    /** Somebody asks so often, each so many ms after the last time. */
    asks(sender: string, times: number, interval: number) {
      for (let count = 0; count < times; count++) {
        at += interval
        probers.answered(sender)
      }
    }
  }
}

test('only those that asked regularly before must see the 503 so often', () => {
  const { probers, asks } = setUp()
  asks('balancer', 3, 1_000)
  probers.close()
  assert.equal(probers.allTold(0), true)
  asks('stranger', 10, 1_000)
  assert.equal(probers.allTold(1), false)
  asks('balancer', 1, 1_000)
  assert.deepEqual([probers.allTold(1), probers.allTold(2)], [true, false])
  asks('balancer', 1, 1_000)
  assert.equal(probers.allTold(2), true)
})

test('who asks a third time before the shutdown is known, once', () => {
  const { probers, known, asks } = setUp()
  asks('balancer', 2, 1_000)
  assert.deepEqual(known, [])
  asks('balancer', 5, 1_000)
  probers.close()
  asks('stranger', 5, 1_000)
  assert.deepEqual(known, ['balancer'])
})

test('each of several must see it', () => {
  const { probers, asks } = setUp()
  for (let count = 0; count < 3; count++) {
    asks('one', 1, 500)
    asks('other', 1, 500)
  }
  probers.close()
  asks('one', 3, 1_000)
  assert.equal(probers.allTold(1), false)
  asks('other', 1, 0)
  assert.equal(probers.allTold(1), true)
})

test('asking in quick succession counts once', () => {
  const { probers, asks } = setUp()
  asks('balancer', 3, 1_000)
  probers.close()
  asks('balancer', 1, 1_000)
  asks('balancer', 499, 1)
  assert.equal(probers.allTold(2), false)
  asks('balancer', 1, 1)
  assert.equal(probers.allTold(2), true)
})

test('of two intervals the longer one counts: a question in between makes nothing quicker', () => {
  const { probers, asks } = setUp()
  asks('balancer', 3, 1_000)
  asks('balancer', 1, 1)
  probers.close()
  asks('balancer', 1, 499)
  assert.equal(probers.allTold(1), false)
  asks('balancer', 1, 1)
  assert.equal(probers.allTold(1), true)
})

test('who asked less than three times, or not lately, does not probe', () => {
  for (const [times, interval, silence, isKnown] of [
    [2, 1_000, 0, false],
    [3, 1_000, 10_000, true],
    [3, 1_000, 10_001, false],
    [3, 20_000, 60_000, true],
    [3, 20_000, 60_001, false]
  ] as const) {
    const { probers, asks, pass } = setUp()
    asks('balancer', times, interval)
    pass(silence)
    probers.close()
    assert.equal(probers.allTold(0), isKnown, `${times} times each ${interval} ms, then ${silence} ms`)
  }
})

test('the process itself is no stranger, and counts each time', () => {
  const { probers, asks } = setUp()
  probers.close()
  assert.equal(probers.allTold(0), false)
  asks(itself, 2, 0)
  assert.equal(probers.allTold(2), true)
})

test('of those that ask, a hundred are known: those that asked last', () => {
  const { probers, asks } = setUp()
  asks('oldest', 3, 1)
  for (let count = 0; count < 99; count++) asks(`one of many ${count}`, 3, 1)
  const { probers: full, asks: askFull } = setUp()
  askFull('oldest', 3, 1)
  for (let count = 0; count < 100; count++) askFull(`once ${count}`, 1, 1)
  probers.close()
  full.close()
  assert.deepEqual([probers.allTold(0), full.allTold(0)], [true, false])
})
