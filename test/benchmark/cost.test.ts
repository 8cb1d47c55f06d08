import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { comparing } from '../../benchmark/comparison.ts'
import type { CostResults } from '../../benchmark/cost/cost.ts'
import { growthOf } from '../../benchmark/cost/growth.ts'
import { quickMethod } from '../../benchmark/cost/method.ts'
import type { LoadKind, ShutdownCell, ShutdownRun } from '../../benchmark/cost/shutdown.ts'
import { spreadOf } from '../../benchmark/cost/spread.ts'
import { ending, interleaved, serving } from '../../benchmark/cost/subjects.ts'
import { method } from '../../benchmark/method.ts'
import { cost } from '../../benchmark/page/cost/cost.ts'
import { races } from '../../benchmark/page/cost/exits.ts'
import { ours } from '../../benchmark/subjects.ts'

describe('what is measured in turns', () => {
  /** Three starts with three turns each; each start is slower than the one before, for both alike. */
  const generations = [0, 5, 20].map((slow) =>
    [0, 1, 2].map((noise) => ({
      bare: { cpu: 10 + slow + noise, elapsed: 1 },
      other: { cpu: 12 + slow + noise, elapsed: 1 }
    }))
  )
  const { level, minusBare } = comparing(generations, 'cpu', 0.5, 'bare')

  test('is the median of the starts, and the interval has room for each of them', () => {
    assert.equal(level('bare').value, 16)
    assert.ok(level('bare').low < 16 && level('bare').high > 16)
  })

  test('differs by what is different within a start, not by what is different between them', () => {
    assert.equal(minusBare('other').absolute.value, 2)
    assert.ok(minusBare('other').absolute.high <= 4)
    assert.ok(Math.abs(minusBare('other').relative.value - 12.5) < 1e-9)
  })

  test('does not differ from itself', () => {
    assert.equal(minusBare('bare').absolute.value, 0)
  })
})

test('a few runs are their median, and how far they are apart', () => {
  assert.deepEqual(spreadOf([3, 1, 8]), { median: 3, least: 1, most: 8, runs: 3 })
})

test('every subject runs as often as it should, and none for the second time before all others have run', () => {
  const order = interleaved(['none', ours, 'stoppable'], { ours: 3, peers: 1 })
  assert.deepEqual(order, ['none', ours, 'stoppable', 'none', ours, 'none', ours])
})

describe('growth', () => {
  const counts = [100, 1_000, 10_000]

  test('that is linear adds the same for each, whatever it begins with', () => {
    const steps = growthOf(counts.map((count) => ({ count, time: 50 + count * 0.02 })))
    assert.deepEqual(
      steps.map(({ perItem }) => Math.round(perItem)),
      [20, 20]
    )
    assert.deepEqual(
      steps.map(({ from, to }) => [from, to]),
      [
        [100, 1_000],
        [1_000, 10_000]
      ]
    )
  })

  test('that is quadratic adds ten times as much for each in the next decade', () => {
    const [first, second] = growthOf(counts.map((count) => ({ count, time: count ** 2 / 1_000 })))
    assert.equal(Math.round((second?.perItem as number) / (first?.perItem as number)), 10)
    assert.equal(Math.round(second?.factor as number), 100)
  })
})

describe('ours beside the fastest of the others', () => {
  const shutdown = (...cells: ShutdownCell[]) => ({ sizes: [], failed: [], cells })

  test('is how many times as long it takes', () => {
    const cells = [cell(ours, 300), cell('stoppable', 250), cell('terminus', 200)]
    assert.deepEqual(races(shutdown(...cells), 'idle'), [
      { connections: 1_000, ours: 300, fastest: { name: 'terminus', exit: 200 }, ratio: 1.5 }
    ])
  })

  test('leaves out who was fast because it lost something', () => {
    const cells = [cell(ours, 300), cell('stoppable', 250), cell('terminus', 1, { lost: 1 })]
    assert.equal(races(shutdown(...cells), 'idle')[0]?.fastest.name, 'stoppable')
  })

  test('is nothing where there is no other', () => {
    assert.deepEqual(races(shutdown(cell(ours, 300)), 'idle'), [])
  })
})

describe('the part of the page on costs', () => {
  test('has a row for each subject, and names its picture', () => {
    const { markdown, pictures } = cost.render(results())
    for (const part of [
      'While it serves',
      'At its start, and idle',
      'When it shuts down',
      'While it drains'
    ]) {
      assert.match(markdown, new RegExp(`^### ${part}$`, 'm'))
    }
    assert.equal(markdown.match(/^\| \*\*fastify-lifecycle\*\* /gm)?.length, 9)
    assert.match(markdown, new RegExp(`]\\(${pictures[0]?.file}\\)`))
  })

  test('takes what is not more than the control differs from itself for noise, and more for more', () => {
    assert.match(cost.render(results({ added: 0.3 })).markdown, /which is within the noise of the control/)
    assert.match(cost.render(results({ added: 3 })).markdown, /which is more than the noise of the control/)
  })

  test('says what was lost, and with what code a process ended that should have ended with 0', () => {
    const { markdown } = cost.render(results({ run: { lost: 7, code: 15 } }))
    assert.match(markdown, /\*\*7 lost\*\*; exit 15/)
  })

  test('says who did not end in time, and who did not end at all', () => {
    const failed = [
      cell('fastify-close', 3_500, { code: null, signal: 'SIGKILL' }, 'inFlight'),
      cell('close-with-grace', 2_003, { code: 1 }, 'inFlight')
    ]
    const { markdown } = cost.render(results({ failed }))
    assert.match(markdown, /^- `app\.close\(\)` alone, with 1000 connections: did not end$/m)
    assert.match(markdown, /^- close-with-grace, with 1000 connections: reached its deadline, exit 1$/m)
  })

  test('says first where all others load faster, and why', () => {
    const slower = results()
    const starts = slower.starts.map((start) =>
      start.name === ours ? { ...start, load: spreadOf([9]) } : start
    )
    assert.match(
      cost.render({ ...slower, starts }).markdown,
      /### At its start, and idle\n\nAll other packages load faster than this plugin\. .* one by one/
    )
    assert.doesNotMatch(cost.render(slower).markdown, /load faster/)
  })

  test('says where the system allows fewer connections than were asked for', () => {
    const { markdown } = cost.render(results({ allowed: 900 }))
    assert.match(markdown, /1,000 connections were planned, but this system lets a process have only 900\./)
  })

  test('warns of what a quick run found', () => {
    assert.match(cost.render({ ...results(), quick: true }).markdown, /its numbers say nothing/)
    assert.doesNotMatch(cost.render(results()).markdown, /its numbers say nothing/)
  })
})

function cell(
  name: string,
  exit: number,
  run: Partial<ShutdownRun> = {},
  load: LoadKind = 'idle'
): ShutdownCell {
  const blocked = { time: 12, cpuTime: 9 }
  const fine = { exit, afterLastAnswer: null, code: 0, signal: null, lost: 0, blocked }
  return { name, load, connections: 1_000, runs: [{ ...fine, ...run }] }
}

interface Invented {
  readonly added?: number
  readonly run?: Partial<ShutdownRun>
  readonly failed?: readonly ShutdownCell[]
  readonly allowed?: number
}

/** Results that nobody measured: every subject alike, but for what is said. */
function results({ added = 0, run = {}, failed = [], allowed = 1_000 }: Invented = {}): CostResults {
  const around = (value: number) => ({ value, low: value - 0.5, high: value + 0.5 })
  const difference = (value: number) => ({ absolute: around(value), relative: around(value) })
  const [one, middle] = [spreadOf([1]), spreadOf([1, 2, 3])]
  const inProcess = { bare: around(2), control: around(2), plugin: around(2.2) }
  const comparison = {
    ...inProcess,
    controlMinusBare: difference(0),
    pluginMinusBare: difference(0.2)
  }
  return {
    environment: {
      date: '2000-01-01',
      plugin: '1.0.0',
      fastify: '5.0.0',
      node: 'v20.0.0',
      system: 'Linux',
      processor: 'some',
      cores: 2
    },
    quick: false,
    method: { ...quickMethod, turns: method },
    overHttp: serving.map((name) => ({
      name,
      cpu: around(12),
      cpuAdded: difference(name === ours ? added : 0),
      elapsed: around(20),
      elapsedAdded: difference(0),
      p50: around(1),
      p99: around(2)
    })),
    withoutNetwork: { tenthPercentile: comparison, median: comparison },
    memory: {
      asked: 1_000,
      connections: allowed,
      subjects: serving.map((name) => ({ name, perConnection: middle }))
    },
    starts: serving.map((name) => ({
      name,
      load: middle,
      attach: one,
      threads: 11,
      timers: 1,
      activeResources: 2
    })),
    shutdown: {
      sizes: [{ asked: 1_000, connections: allowed }],
      cells: [
        ...ending.map((name) => cell(name, 100, run)),
        ...ending.map((name) => cell(name, 600, run, 'inFlight'))
      ],
      failed
    },
    rejections: ending.map((name) => ({
      name,
      served: middle,
      rejected: name === ours ? middle : spreadOf([0]),
      after: { served: 0, rejected: name === ours ? 9 : 0, refused: name === ours ? 0 : 9, lost: 0 }
    }))
  }
}
