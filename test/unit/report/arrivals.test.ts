import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adviceOn } from '../../../lib/report/arrivals.ts'

type Given = Parameters<typeof adviceOn>

const late = { afterDrain: 3, last: 6_200 }
const inTime = { afterDrain: 0, last: 800 }
const times = { window: 5_000, hasEndedEarly: false, drainAt: 5_000, closingAt: 8_000 }

const cases: readonly [what: string, ...given: Given, advice: string | undefined][] = [
  [
    'a window that was too short',
    late,
    times,
    'requests arrived until 6.2 s: `lameDuck` was 1.2 s too short'
  ],
  ['no window', late, { ...times, window: 0 }, 'requests arrived until 6.2 s: there is no `lameDuck`'],
  [
    'requests to the very end',
    late,
    { ...times, closingAt: 6_449 },
    'requests arrived until 6.2 s, when the listener closed'
  ],
  [
    'requests 250 ms before the end, and none since',
    late,
    { ...times, closingAt: 6_450 },
    'requests arrived until 6.2 s: `lameDuck` was 1.2 s too short'
  ],
  [
    'a listener that never closed',
    late,
    { ...times, closingAt: undefined },
    'requests arrived until 6.2 s, when the listener closed'
  ],
  ['a window that was too long', inTime, times, 'nothing came after 800 ms: `lameDuck: 1000` would do'],
  [
    'a window of which half was needed',
    { ...inTime, last: 2_500 },
    times,
    'nothing came after 2.5 s: `lameDuck: 2500` would do'
  ],
  ['a window of which more was needed', { ...inTime, last: 2_501 }, times, undefined],
  ['a window that ended early', inTime, { ...times, hasEndedEarly: true }, undefined],
  ['no window, and all in time', inTime, { ...times, window: 0 }, undefined],
  ['the least', { ...inTime, last: 0 }, times, 'nothing came after 0 ms: `lameDuck: 500` would do']
]

for (const [what, arrivals, given, advice] of cases) {
  test(`what follows from ${what}`, () => assert.equal(adviceOn(arrivals, given), advice))
}
