import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { Oldest } from '../../../lib/bounds.ts'
import type { HookRegistry as AHookRegistry } from '../../../lib/hooks/registry.ts'
import type { HookRun } from '../../../lib/hooks/run.ts'
import type { ShutdownReason } from '../../../lib/report/reason.ts'
import type { Report } from '../../../lib/report/report.ts'
import type { Shutdown } from '../../../lib/shutdown/shutdown.ts'
import type { CutOff } from '../../../lib/shutdown/write-report.ts'
import { standardStreams } from '../../../lib/undocumented/standard-streams.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const time = new VirtualTime()
const { conclude, unstartedHooks } = await time.load(() => import('../../../lib/shutdown/write-report.ts'))
const { hookReportOf } = await import('../../../lib/hooks/run.ts')
const { HookRegistry } = await import('../../../lib/hooks/registry.ts')

/** When the shutdown began, and when its report is written, in ms of the mocked time. */
const [start, end] = [1_000, 3_000]

beforeEach(async () => {
  time.forget()
  await time.pass(end)
})

const requests: Report['requests'] = {
  inFlight: 3,
  completed: 7,
  rejected: 2,
  aborted: 1,
  cut: [],
  cutCount: 0,
  left: [],
  leftCount: 0
}
const work: Report['work'] = { inFlight: 1, completed: 1, failed: 1, refused: 0, cut: [], cutCount: 0 }

/** What a shutdown has come to. */
interface Findings {
  readonly reason: ShutdownReason
  readonly deadline: number
  readonly cutOff: CutOff
  readonly requests: Report['requests']
  readonly work: Report['work']
  readonly hooks: AHookRegistry
  readonly runs: readonly HookRun[]
  readonly crashes: readonly unknown[]
  readonly closeError: Shutdown['closeError']
  readonly arrivals: Report['arrivals']
  readonly handsOver: boolean
  readonly wasServing: boolean
  /** The last phase that it came to. */
  readonly lastPhase: string
}

const entries = [
  { phase: 'starting', at: 0 },
  { phase: 'ready', at: 500 },
  { phase: 'lameDuck', at: 1_000 },
  { phase: 'draining', at: 1_500.16 },
  { phase: 'closing', at: 2_250.51 },
  { phase: 'closed', at: 2_900 }
]

/** A shutdown that went well, with some change to it, and where its report is published. */
function shutdownWith(change: Partial<Findings>) {
  const {
    runs = [],
    crashes = [],
    closeError,
    deadline = 9_000,
    hooks = new HookRegistry(1_000),
    lastPhase = 'closed'
  } = change
  const published: Report[] = []
  const removals: number[] = []
  const shutdown = {
    parts: {
      traffic: {
        arrivals: change.arrivals,
        tally: change.requests ?? requests,
        removeSocketFiles: () => removals.push(end)
      },
      work: { tally: change.work ?? work },
      settings: { deadline, lameDuck: { max: 500 } },
      hooks,
      phases: {
        entries: entries.slice(0, entries.findIndex(({ phase }) => phase === lastPhase) + 1)
      },
      events: { report: (report: Report) => published.push(report) }
    },
    reason: change.reason ?? { type: 'shutdown', message: 'enough' },
    startedAt: new Date('2026-01-01T00:00:00.000Z'),
    budget: { start },
    lameDuck: { ended: 'probes', saved: 250 },
    handsOver: change.handsOver ?? false,
    wasServing: change.wasServing ?? true,
    connections: { http1: 4, http2: 3, websocket: 2, upgraded: 1 },
    runs: { all: runs, failed: runs.filter(({ outcome }) => outcome !== 'ok') },
    crashes: oldest(crashes),
    closeError,
    report: null
  }
  return { shutdown: shutdown as unknown as Shutdown, published, removals }
}

function oldest(items: readonly unknown[]) {
  const kept = new Oldest()
  for (const item of items) kept.add(() => item)
  return kept
}

/** The report of a shutdown that went well, with some change to it. */
function reportOf(change: Partial<Findings> = {}): Report {
  return conclude(shutdownWith(change).shutdown, change.cutOff)
}

function aRun(change: Partial<HookRun> = {}): HookRun {
  return {
    hook: { name: 'db', phase: 'closing' } as HookRun['hook'],
    waitedFor: [],
    despite: [],
    start: 2_300,
    end: 2_400,
    outcome: 'ok',
    error: undefined,
    ...change
  }
}

test('the report of a shutdown that went well covers all of it, and is clean', () => {
  assert.deepEqual(reportOf({ runs: [aRun()] }), {
    version: 1,
    outcome: 'clean',
    summary:
      'shutdown clean in 2.0 s (lifecycle.shutdown(): enough): 7 finished, 1 client gone, 2 answered 503; exit code 0',
    exitCode: 0,
    reason: { type: 'shutdown', message: 'enough' },
    startedAt: '2026-01-01T00:00:00.000Z',
    duration: 2_000,
    deadline: 9_000,
    budgetUsed: 0.222,
    phases: [
      { phase: 'lameDuck', at: 0, duration: 500.2 },
      { phase: 'draining', at: 500.2, duration: 750.4 },
      { phase: 'closing', at: 1_250.5, duration: 649.5 },
      { phase: 'closed', at: 1_900, duration: 100 }
    ],
    lameDuck: { ended: 'probes', saved: 250 },
    requests,
    work,
    connections: { http1: 4, http2: 3, websocket: 2, upgraded: 1 },
    hooks: [
      { name: 'db', phase: 'closing', outcome: 'ok', at: 1_300, duration: 100, waitedFor: [], despite: [] }
    ],
    crashes: [],
    crashCount: 0
  })
})

/** One request that did not end. */
const one = [{ id: null, method: 'GET', route: '/', age: 1 }]

describe('the outcome is', () => {
  const failures: readonly [what: string, change: Partial<Findings>][] = [
    ['a crash began it', { reason: { type: 'uncaughtException', error: new Error('no') } }],
    ['a rejection began it', { reason: { type: 'unhandledRejection', error: undefined } }],
    ['it crashed on its way', { crashes: [undefined] }],
    ["Fastify's own close failed", { closeError: { error: undefined } }],
    ['a hook failed', { runs: [aRun(), aRun({ outcome: 'error' })] }],
    ['a hook timed out', { runs: [aRun({ outcome: 'timeout' })] }],
    ['a hook is unfinished', { runs: [aRun({ outcome: 'unfinished' })] }],
    ['a request was cut', { requests: { ...requests, cut: one, cutCount: 1 } }],
    ['a request was left', { requests: { ...requests, left: one, leftCount: 1 } }],
    ['work was cut', { work: { ...work, cut: [{ name: 'import', age: 1 }], cutCount: 1 } }],
    ['work was refused', { work: { ...work, refused: 1 } }]
  ]
  for (const [what, change] of failures) {
    test(`failed where ${what}`, () => {
      const { outcome, exitCode } = reportOf(change)
      assert.deepEqual([outcome, exitCode], ['failed', 1])
    })
  }

  for (const cutOff of ['deadline', 'abandoned'] as const) {
    test(`${cutOff} where that ended it, whatever else went wrong or well`, () => {
      for (const change of [{}, { crashes: [new Error('no')] }]) {
        const { outcome, exitCode } = reportOf({ cutOff, ...change })
        assert.deepEqual([outcome, exitCode], [cutOff, 1])
      }
    })
  }

  test('cut off, and then the files of sockets are removed; otherwise closing removes them', () => {
    for (const [cutOff, count] of [
      ['abandoned', 1],
      ['deadline', 1],
      [undefined, 0]
    ] as const) {
      const { shutdown, removals } = shutdownWith({})
      conclude(shutdown, cutOff)
      assert.equal(removals.length, count)
    }
  })
})

const countOf = (types: readonly string[], type: string) => types.filter((each) => each === type).length

describe('what is still alive', () => {
  const late: readonly [what: string, change: Partial<Findings>][] = [
    ['the deadline cut it off', { cutOff: 'deadline' }],
    ['a second signal cut it off', { cutOff: 'abandoned' }],
    ['a hook timed out', { runs: [aRun({ outcome: 'timeout' })] }],
    ['a request was cut', { requests: { ...requests, cut: one, cutCount: 1 } }],
    ['a request was left', { requests: { ...requests, left: one, leftCount: 1 } }],
    ['work was cut', { work: { ...work, cut: [{ name: 'import', age: 1 }], cutCount: 1 } }],
    ['work was refused', { work: { ...work, refused: 1 } }]
  ]
  for (const [what, change] of late) {
    test(`is listed where ${what}`, () => {
      const timers = [1, 2].map(() => setTimeout(() => {}, 60_000))
      const all = process.getActiveResourcesInfo()
      const { alive } = reportOf(change)
      for (const timer of timers) clearTimeout(timer)
      const count = alive?.find(({ type }) => type === 'Timeout')?.count
      assert.equal(count, all.filter((type) => type === 'Timeout').length)
      assert.ok((count as number) >= 2)
      const standard = standardStreams()
      const others = [...new Set(all)].filter((type) => countOf(all, type) > countOf(standard, type))
      assert.deepEqual(alive?.map(({ type }) => type).sort(), others.sort())
    })
  }

  test('is not listed where nothing took longer than it may', () => {
    for (const change of [{}, { crashes: [1] }, { runs: [aRun({ outcome: 'error' })] }]) {
      assert.equal('alive' in reportOf(change), false)
    }
  })
})

describe('the hooks', () => {
  test('are reported with their error, and with their time so far if they have not ended', () => {
    const error = Object.assign(new Error('gone'), { code: 'E_GONE' })
    const { stack, ...report } = hookReportOf(aRun({ outcome: 'error', error }), start, end).error ?? {}
    assert.deepEqual(report, { name: 'Error', message: 'gone', code: 'E_GONE' })
    const unfinished = aRun({
      ...{ start: 1_200.06, end: undefined, outcome: 'unfinished' },
      ...{ waitedFor: ['a', 'b'], despite: ['b'] }
    })
    assert.deepEqual(hookReportOf(unfinished, start, end), {
      ...{ name: 'db', phase: 'closing', outcome: 'unfinished', at: 200.1, duration: 1_799.9 },
      ...{ waitedFor: ['a', 'b'], despite: ['b'] }
    })
  })

  test('whose turn never came are reported last, phase by phase, with the hooks that they would have waited for', () => {
    const hooks = new HookRegistry(1_000)
    hooks.add({} as never, ['consumer', { phase: 'draining' }, () => {}])
    for (const name of ['db', 'outbox', 'metrics']) hooks.add({} as never, [name, () => {}])
    hooks.seal()
    const metrics = hooks.plan('closing').hooks.find(({ name }) => name === 'metrics') as HookRun['hook']
    const report = reportOf({ cutOff: 'deadline', hooks, runs: [aRun({ hook: metrics })] })
    const unstarted = { outcome: 'unstarted', at: 2_000, duration: 0, despite: [] }
    assert.equal(report.hooks[0]?.name, 'metrics')
    assert.deepEqual(report.hooks.slice(1), [
      { name: 'consumer', phase: 'draining', waitedFor: [], ...unstarted },
      { name: 'outbox', phase: 'closing', waitedFor: ['metrics'], ...unstarted },
      { name: 'db', phase: 'closing', waitedFor: ['outbox'], ...unstarted }
    ])
  })
})

describe('a hook that was taken back before its turn', () => {
  test('is not missed', () => {
    const hooks = new HookRegistry(1_000)
    const left = new AbortController()
    hooks.add({} as never, ['session', { signal: left.signal }, () => {}])
    hooks.add({} as never, ['db', () => {}])
    hooks.seal()
    hooks.plan('closing')
    left.abort()
    const { shutdown } = shutdownWith({ hooks })
    assert.deepEqual(unstartedHooks(shutdown), ['db'])
    assert.deepEqual(
      conclude(shutdown, 'deadline').hooks.map(({ name }) => name),
      ['db']
    )
  })
})

describe('the report', () => {
  test('is written and published once, and is the same when it is asked for again', () => {
    const { shutdown, published } = shutdownWith({})
    const report = conclude(shutdown, undefined)
    assert.equal(conclude(shutdown, 'deadline'), report)
    assert.equal(shutdown.report, report)
    assert.deepEqual(published, [report])
  })

  test('names the errors: what began it, what crashed, and what Fastify failed with', () => {
    const { reason, crashes, closeError } = reportOf({
      reason: { type: 'uncaughtException', error: new RangeError('too much') },
      crashes: ['a string', new Error('again')],
      closeError: { error: new TypeError('no close') }
    })
    assert.ok(reason.type === 'uncaughtException')
    assert.deepEqual([reason.error.name, reason.error.message], ['RangeError', 'too much'])
    assert.deepEqual(
      crashes.map(({ message }) => message),
      ['a string', 'again']
    )
    assert.deepEqual([closeError?.name, closeError?.message], ['TypeError', 'no close'])
  })

  test('names the signal', () => {
    const reason = { type: 'signal', signal: 'SIGTERM' } as const
    assert.deepEqual(reportOf({ reason }).reason, reason)
  })

  test('is frozen in all its parts, and the same after JSON', () => {
    const report = reportOf({ cutOff: 'deadline', runs: [aRun()] })
    const parts: unknown[] = [report]
    for (const part of parts) {
      if (typeof part !== 'object' || part === null) continue
      assert.ok(Object.isFrozen(part), JSON.stringify(part))
      parts.push(...Object.values(part))
    }
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report)
  })

  test('says that all of the time is used where there is none', () => {
    assert.equal(reportOf({ deadline: 0 }).budgetUsed, 1)
  })
})

describe('who still sent requests', () => {
  const arrivals = { count: 3, afterDrain: 1, last: 900, onNew: 1, onKept: 2, addresses: [], others: 0 }
  const adviceWith = (change: Partial<Findings>) => reportOf({ arrivals, ...change }).arrivals?.advice

  test('is reported with advice, where a lame duck can help', () => {
    const advice = 'requests arrived until 900 ms: `lameDuck` was 400 ms too short'
    assert.equal(adviceWith({}), advice)
    assert.equal(adviceWith({ reason: { type: 'signal', signal: 'SIGTERM' } }), advice)
  })

  test('is reported with advice where the drain did not come to its end', () => {
    assert.match(String(adviceWith({ lastPhase: 'draining' })), /when the listener closed/)
  })

  test('is reported without advice where it cannot, or where there is none', () => {
    for (const change of [
      { lastPhase: 'lameDuck' },
      { reason: { type: 'close' } },
      { reason: { type: 'uncaughtException', error: new Error('no') } },
      { handsOver: true },
      { wasServing: false },
      { arrivals: { ...arrivals, afterDrain: 0, last: 499 } }
    ] as const) {
      const report = reportOf({ arrivals, ...change })
      assert.equal(report.arrivals?.count, 3)
      assert.equal('advice' in (report.arrivals ?? {}), false)
    }
  })

  test('is left out where nobody did', () => {
    assert.equal('arrivals' in reportOf({}), false)
  })
})
