import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rolling } from '../../benchmark/page/rolling.ts'
import { type Cell, cells } from '../../benchmark/rolling/cells.ts'
import type { RollingResults } from '../../benchmark/rolling/results.ts'
import type { Outcome } from '../../benchmark/rolling/roll.ts'
import { ours, subjects } from '../../benchmark/subjects.ts'

const latency = { requests: 1_000, p50: 3, p99: 9.5 }

/** A cell as if it had been rolled, with so many requests lost. */
function outcomeOf(cell: Cell, failed: Outcome['tally']['failed'] = {}): Outcome {
  const tally = { sent: 20_000, posts: 10_000, failed, steady: latency, restarting: latency }
  const options = { deadline: 5_000, lameDuck: cell.wait === 'none' || cell.wait === 'handOver' ? 0 : 1_000 }
  return { ...cell, options, rate: 500, tally, took: 40_000, restart: 1_040, exits: { 0: 20 }, troubles: {} }
}

function resultsOf(outcomes: readonly Outcome[]): RollingResults {
  const environment = { date: '', plugin: '', fastify: '', node: '', system: '', processor: '', cores: 2 }
  return { environment, versions: { haproxy: '2.6.12', nginx: null }, outcomes, leftOut: [] }
}

const markdownOf = (outcomes: readonly Outcome[]) => rolling.render(resultsOf(outcomes)).markdown
const planned = cells(false)

describe('the rolling restarts', () => {
  test('have ours in every place in which another is', () => {
    const placeOf = ({ front, backends, wait }: Cell) => JSON.stringify([front, backends, wait])
    const own = new Set(planned.filter(({ subject }) => subject === ours).map(placeOf))
    for (const cell of planned) assert.ok(own.has(placeOf(cell)), placeOf(cell))
  })

  test('have everyone that is compared', () => {
    assert.deepEqual(
      [...new Set(planned.map(({ subject }) => subject))],
      subjects.map(({ name }) => name)
    )
  })
})

describe('the part of the page on rolling restarts', () => {
  test('has a row for each way in which ours was rolled, and for each of the others', () => {
    const lines = markdownOf(planned.map((cell) => outcomeOf(cell))).split('\n')
    const own = planned.filter(({ subject }) => subject === ours)
    const heads = 2 * 2
    assert.equal(
      lines.filter((line) => line.startsWith('|')).length,
      own.length + subjects.length + 1 + heads
    )
    assert.doesNotMatch(lines.join('\n'), /undefined|NaN/)
  })

  test('says first who lost less than ours, wherever that was', () => {
    const worse = planned.map((cell) => outcomeOf(cell, cell.subject === ours ? { 'GET reset': 3 } : {}))
    const [, first, rows] = markdownOf(worse).split('\n\n')
    assert.match(first as string, /^In these places others lost fewer requests/)
    assert.match(rows as string, /^\| HAProxy, .*, no wait \| 1\.5 \| `app\.close\(\)` alone: 0\.0; /m)
    const equal = planned.map((cell) => outcomeOf(cell, { 'GET reset': 3 }))
    assert.match(markdownOf(equal), /No other package lost fewer requests/)
  })

  test('a difference within what the restarts differ by is none', () => {
    const rolled = (failedIn: readonly number[]) => (cell: Cell) => {
      const outcome = outcomeOf(cell, { 'GET reset': failedIn.reduce((sum, count) => sum + count, 0) })
      return { ...outcome, tally: { ...outcome.tally, failedIn } }
    }
    const [uneven, even, none] = [rolled([0, 30, 0]), rolled([9, 11, 10]), rolled([0, 0, 0])]
    const with3 = (own: typeof none) => planned.map((cell) => (cell.subject === ours ? own : none)(cell))
    assert.match(markdownOf(with3(uneven)), /No other package lost fewer requests/)
    assert.match(markdownOf(with3(even)), /others lost fewer requests/)
  })

  test('counts what nginx answers by itself apart from what must be zero', () => {
    const lost = { 'POST 503': 7 }
    const isAlone = ({ front }: Cell) => front.kind === 'nginx' && front.told === 'nothing'
    const text = markdownOf(planned.map((cell) => outcomeOf(cell, isAlone(cell) ? lost : {})))
    assert.match(text, /lost \*\*0 of [\d,]+\*\* requests/)
    assert.match(text, /lost 0 of 20,000 GETs/)
    assert.match(text, /never a POST/)
  })

  test('says why something was lost only where something was', () => {
    assert.doesNotMatch(
      markdownOf(planned.map((cell) => outcomeOf(cell))),
      /Without a wait|nginx without a reload/
    )
  })
})
