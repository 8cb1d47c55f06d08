import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RepeatedSignals } from '../../../lib/process/repeated-signal.ts'

/** What each of these signals means, in a shutdown that began at 0 with a signal, or without one. */
function meanings(beganWithSignal: boolean, ...signals: readonly [NodeJS.Signals, number][]): string[] {
  const repeated = new RepeatedSignals(0, beganWithSignal)
  return signals.map(([signal, at]) => repeated.meaningOf(signal, at))
}

describe('a signal that comes again', () => {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGBREAK'] as const) {
    test(`changes nothing where it is ${signal}, and is reported once`, () => {
      const seen = meanings(true, [signal, 3], [signal, 1_000], [signal, 9_000])
      assert.deepEqual(seen, ['tell', 'ignore', 'ignore'])
    })
  }

  test('insists where it is SIGINT and comes later than half a second', () => {
    assert.deepEqual(meanings(true, ['SIGINT', 1], ['SIGINT', 500], ['SIGINT', 501]), [
      'ignore',
      'ignore',
      'insist'
    ])
  })

  test('insists once more half a second later, and not before: each Ctrl-C may come several times', () => {
    const seen = meanings(true, ['SIGINT', 2_000], ['SIGINT', 2_004], ['SIGINT', 2_500], ['SIGINT', 2_501])
    assert.deepEqual(seen, ['insist', 'ignore', 'ignore', 'insist'])
  })

  test('is measured by the last one that counts, which a SIGTERM is not', () => {
    assert.deepEqual(meanings(true, ['SIGTERM', 900], ['SIGINT', 1_000]), ['tell', 'insist'])
  })
})

describe('the first signal in a shutdown that began without one', () => {
  test('changes nothing, also where it is SIGINT: a platform may stop with it what has crashed', () => {
    const seen = meanings(false, ['SIGINT', 2_000], ['SIGINT', 2_400], ['SIGINT', 2_501])
    assert.deepEqual(seen, ['tell', 'ignore', 'insist'])
  })

  test('lets a SIGINT after it insist', () => {
    assert.deepEqual(meanings(false, ['SIGTERM', 2_000], ['SIGINT', 2_500], ['SIGINT', 2_501]), [
      'tell',
      'ignore',
      'insist'
    ])
  })
})
