import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Observation } from '../../benchmark/scenarios/observe.ts'
import {
  beats,
  faultsOf,
  ranked,
  type Standing,
  standingOf,
  tolerance,
  verdictOf
} from '../../benchmark/scenarios/ranking.ts'
import fc from '../support/properties.ts'

const rule = { right: ['200'], poor: ['refused'], hooks: 1, exit: 'clean' } as const

const fine: Observation = { ms: 100, code: 0, signal: null, hooks: 1, seen: { 200: 1 } }

function standing(...runs: Partial<Observation>[]): Standing {
  return standingOf(
    rule,
    'subject',
    runs.map((run) => ({ ...fine, ...run }))
  )
}

const observation: fc.Arbitrary<Observation> = fc.record({
  ms: fc.option(fc.integer({ min: 1, max: 5_000 })),
  code: fc.constantFrom(0, 1, null),
  signal: fc.constantFrom(null, 'SIGKILL'),
  hooks: fc.nat(2),
  seen: fc.dictionary(fc.constantFrom('200', 'refused', 'lost'), fc.nat(3))
})
const anyStanding = fc.array(observation, { minLength: 1, maxLength: 3 }).map((runs) => standing(...runs))

describe('the rule by which the comparison ranks', () => {
  test('finds nothing wrong with a run that is as it should be', () => {
    assert.deepEqual(faultsOf(rule, fine), { wrong: 0, hung: 0, hooks: 0, exit: 0, untold: 0 })
    assert.equal(verdictOf(standing({}).faults), 'good')
  })

  test('takes whatever the scenario does not name for a lost client', () => {
    assert.equal(faultsOf(rule, { ...fine, seen: { 200: 3, lost: 2, 500: 1 } }).wrong, 3)
    assert.equal(verdictOf(standing({ seen: { 500: 1 } }).faults), 'bad')
  })

  test('blames no client where the scenario is not about them', () => {
    assert.equal(faultsOf({ ...rule, right: 'any' }, { ...fine, seen: { lost: 5 } }).wrong, 0)
  })

  test('counts a hook that never began, an exit code that lies, and a client that was not told', () => {
    assert.equal(faultsOf(rule, { ...fine, hooks: 0 }).hooks, 1)
    assert.equal(faultsOf(rule, { ...fine, code: 1 }).exit, 1)
    assert.equal(faultsOf({ ...rule, exit: 'failed' }, fine).exit, 1)
    assert.equal(faultsOf({ ...rule, exit: 'failed' }, { ...fine, code: null, signal: 'SIGKILL' }).exit, 0)
    assert.equal(faultsOf({ ...rule, exit: 'any' }, { ...fine, code: 1 }).exit, 0)
    assert.equal(faultsOf(rule, { ...fine, seen: { refused: 1 } }).untold, 1)
    assert.equal(verdictOf(standing({ seen: { refused: 1 } }).faults), 'fair')
  })

  test('a process that never ends has no exit code to blame', () => {
    const hung = { ...fine, ms: null, code: null }
    assert.deepEqual(faultsOf(rule, hung), { wrong: 0, hung: 1, hooks: 0, exit: 0, untold: 0 })
  })

  test('one bad run in three is held against it', () => {
    assert.ok(beats(standing({ ms: 900 }, { ms: 900 }, { ms: 900 }), standing({}, {}, { seen: { lost: 1 } })))
  })

  test('a wrong answer never beats a right one, however fast it came', () => {
    fc.assert(
      fc.property(anyStanding, anyStanding, (one, other) => {
        fc.pre(one.faults.wrong > other.faults.wrong)
        assert.equal(beats(one, other), false)
        assert.equal(ranked([one, other])[0], other)
      })
    )
  })

  test('no two are better than each other', () => {
    fc.assert(
      fc.property(anyStanding, anyStanding, (one, other) => !(beats(one, other) && beats(other, one)))
    )
  })

  test('a time counts only between those with the same faults', () => {
    const twice = (run: Partial<Observation>) => standing(run, run)
    assert.ok(beats(twice({ ms: 50 }), twice({ ms: 100 })))
    assert.ok(!beats(twice({ ms: 50, code: 1 }), twice({ ms: 100 })))
    assert.ok(beats(twice({ ms: 50, code: 1 }), twice({ ms: 100, code: 1 })))
  })

  test('the time of a single run is none, as it has no interval', () => {
    assert.ok(!beats(standing({ ms: 50 }), standing({ ms: 100 })))
    assert.ok(beats(standing({ ms: 100 }), standing({ ms: 50, code: 1 })))
  })

  test('a small difference, or one that the runs do not agree on, is none', () => {
    assert.ok(!beats(standing({ ms: 100 - tolerance }), standing({ ms: 100 })))
    assert.ok(
      !beats(standing({ ms: 40 }, { ms: 41 }, { ms: 120 }), standing({ ms: 90 }, { ms: 100 }, { ms: 110 }))
    )
    assert.ok(
      beats(standing({ ms: 40 }, { ms: 41 }, { ms: 60 }), standing({ ms: 90 }, { ms: 100 }, { ms: 110 }))
    )
  })

  test('two that never end are equal', () => {
    const [one, other] = [standing({ ms: null }), standing({ ms: null })]
    assert.ok(!beats(one, other) && !beats(other, one))
    assert.deepEqual(ranked([one, other]), [one, other])
  })
})
