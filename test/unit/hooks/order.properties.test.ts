import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HookOutcome, HookPhase, HookReport, PhaseReport, Report } from '../../../index.ts'
import {
  acyclic,
  longestWayTo,
  phasesInOrder,
  type Scenario,
  turnedAround,
  waitedForBy
} from '../../support/hook-graphs.ts'
import { HookRun } from '../../support/hook-runs.ts'
import fc from '../../support/properties.ts'

/** How an app is shut down. */
interface Road {
  readonly way: 'close' | 'shutdown'
  readonly deadline: number
  /** From this hook on they are registered when the app has booted. */
  readonly late: number
}

/** What came of it. */
interface Result {
  readonly hooks: readonly Scenario[]
  readonly road: Road
  readonly run: HookRun
  readonly report: Report
  /** What `app.close()` failed with. */
  readonly error: unknown
}

const roadWithin = (deadline: fc.Arbitrary<number>): fc.Arbitrary<Road> =>
  fc.record({ way: fc.constantFrom('close', 'shutdown'), deadline, late: fc.nat(8) })

describe('whatever depends on what, lasts how long and ends how:', () => {
  test('with all the time there is, no hook waits for more than it has to', () =>
    everyRun(roadWithin(fc.constant(10_000_000)), (result) => {
      takesAsLongAsTheLongestChain(result)
      checkAll(result)
    }))

  test('with little time, each hook gets its turn, and the budget holds', () =>
    everyRun(roadWithin(fc.integer({ min: 20, max: 4_000 })), checkAll))
})

async function everyRun(roads: fc.Arbitrary<Road>, check: (result: Result) => void): Promise<void> {
  await fc.assert(
    fc.asyncProperty(acyclic, roads, async (hooks, road) => {
      const run = await HookRun.make({ deadline: road.deadline, exit: road.way === 'close' })
      const late = firstLate(hooks, road.late)
      run.add(hooks.slice(0, late))
      await run.app.ready()
      run.add(hooks.slice(late))
      if (road.way === 'shutdown') await run.shutdown()
      const error = await run.close()
      check({ hooks, road, run, report: run.app.lifecycle.report as Report, error })
    }),
    { numRuns: 120 }
  )
}

function checkAll(result: Result): void {
  keepsTheOrder(result)
  keepsTheBudget(result)
  reportsWhatHappened(result)
  addsUp(result)
  assert.equal(result.run.timersLeft, 0, 'timers are left behind')
}

/** Each hook runs once, and none before those that have to stop before it. */
function keepsTheOrder({ hooks, run: { log } }: Result): void {
  const before = waitedForBy(hooks)
  const ended = new Set<string>()
  for (const { what, name } of log) {
    if (what === 'end') ended.add(name)
    else for (const other of get(before, name)) assert.ok(ended.has(other), `${name} began before ${other}`)
  }
  for (const what of ['start', 'end']) {
    const names = log.filter((event) => event.what === what).map(({ name }) => name)
    assert.deepEqual(names.sort(), hooks.map(({ name }) => name).sort())
  }
}

function takesAsLongAsTheLongestChain({ hooks, report }: Result): void {
  const before = waitedForBy(hooks)
  const durations = new Map(hooks.map((hook) => [hook.name, durationOf(hook, hook.timeout)]))
  const endOf = ({ name }: { name: string }) => longestWayTo(name, before, (each) => get(durations, each))
  for (const { phase, at, duration } of report.phases) {
    const own = hooks.filter((hook) => hook.phase === phase)
    assert.equal(duration, Math.max(0, ...own.map(endOf)), phase)
    for (const hook of report.hooks.filter((each) => each.phase === phase)) {
      assert.equal(hook.at + hook.duration, at + endOf(hook), hook.name)
    }
  }
}

/** Nothing takes more than is left, and whatever runs leaves 250 ms to each thing behind it, or half. */
function keepsTheBudget({ hooks, road: { way, deadline }, run: { log }, report }: Result): void {
  // An app that is closed leaves the end of its deadline to an exit, should a signal come.
  const budget = way === 'close' ? deadline - Math.min(250, deadline / 2) : deadline
  assert.ok(report.duration <= budget, `${report.duration} of ${budget} ms`)
  const after = turnedAround(waitedForBy(hooks))
  const chainFrom = (name: string) => longestWayTo(name, after, () => 1)
  const longestIn = (phase: HookPhase) =>
    Math.max(0, ...hooks.filter((hook) => hook.phase === phase).map(({ name }) => chainFrom(name)))
  for (const event of log) {
    if (event.what === 'end') continue
    const { name, phase, timeout } = find(hooks, event.name)
    const later = phasesInOrder.slice(phasesInOrder.indexOf(phase) + 1)
    const fastifyItself = 1
    const behind = later.reduce((sum, each) => sum + longestIn(each), chainFrom(name) - 1) + fastifyItself
    const left = budget - find(report.hooks, name).at
    const leaves = Math.min(left / 2, behind * 250)
    assert.equal(event.timeout, Math.min(timeout, left - leaves), name)
    assert.ok(event.timeout > 0 || timeout === 0, `no turn for ${name}`)
  }
}

function reportsWhatHappened({ hooks, run: { log }, report, error }: Result): void {
  const before = waitedForBy(hooks)
  const outcomes = new Map<string, HookOutcome>()
  for (const each of report.hooks) {
    const hook = find(hooks, each.name)
    const [start, end] = log.filter(({ name }) => name === each.name)
    assert.ok(start?.what === 'start' && end?.what === 'end')
    assert.deepEqual(each, end.report)
    assert.equal(each.phase, hook.phase)
    assert.equal(each.duration, end.at - start.at)
    assert.equal(each.duration, durationOf(hook, start.timeout))
    assert.equal(each.outcome, outcomeOf(hook, start.timeout))
    if (each.outcome === 'error') assert.equal(each.error?.message, `${hook.name} ${hook.does}`)
    else assert.equal(each.error?.code, each.outcome === 'ok' ? undefined : 'FST_LIFECYCLE_HOOK_TIMEOUT')
    assert.deepEqual([...each.waitedFor].sort(), [...get(before, each.name)].sort())
    const failed = each.waitedFor.filter((name) => outcomes.get(name) !== 'ok')
    assert.deepEqual([...each.despite].sort(), failed.sort())
    outcomes.set(each.name, each.outcome)
  }
  const isClean = [...outcomes.values()].every((outcome) => outcome === 'ok')
  assert.deepEqual([report.outcome, report.exitCode], isClean ? ['clean', 0] : ['failed', 1])
  const code = isClean ? undefined : 'FST_LIFECYCLE_HOOKS_FAILED'
  assert.equal((error as { code?: string } | undefined)?.code, code)
}

/** The report adds up, is frozen, and is the same after JSON. */
function addsUp({ run: { started }, report }: Result): void {
  assert.deepEqual(
    report.phases.map(({ phase }) => phase),
    [...phasesInOrder, 'closed']
  )
  const end = report.phases.reduce((at, phase) => {
    assert.equal(phase.at, at)
    return at + phase.duration
  }, 0)
  assert.equal(end, report.duration)
  assert.deepEqual(
    report.hooks.map(({ name }) => name),
    started
  )
  for (const { phase, at, duration } of report.hooks) {
    const around = report.phases.find((each) => each.phase === phase) as PhaseReport
    assert.ok(at >= around.at && at + duration <= around.at + around.duration)
  }
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report)
  assertFrozen(report)
}

/**
 * Which hook can be the first late one, from the one wanted on: whatever an earlier one names has
 * to be registered before the boot is over.
 */
function firstLate(hooks: readonly Scenario[], wanted: number): number {
  const positions = new Map(hooks.map(({ name }, index) => [name, index]))
  let late = Math.min(wanted, hooks.length)
  for (const [index, { dependsOn = [] }] of hooks.entries()) {
    const last = Math.max(-1, ...dependsOn.map((name) => get(positions, name)))
    if (last > index) late = Math.max(late, last + 1)
  }
  return late
}

/** How long a hook runs that is given this much time; a timer knows whole ms only. */
function durationOf({ does, lasts }: Scenario, timeout: number): number {
  if (does === 'hangs') return Math.floor(timeout)
  return does === 'resolves' || does === 'rejects' ? Math.min(lasts, Math.floor(timeout)) : 0
}

function outcomeOf({ does, lasts }: Scenario, timeout: number): HookOutcome {
  const takesTime = does === 'resolves' || does === 'rejects'
  if (does === 'hangs' || (takesTime && lasts > Math.floor(timeout))) return 'timeout'
  return does === 'resolves' || does === 'returns' ? 'ok' : 'error'
}

function assertFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  assert.ok(Object.isFrozen(value))
  for (const part of Object.values(value)) assertFrozen(part)
}

function find<T extends Scenario | HookReport>(all: readonly T[], name: string): T {
  return all.find((each) => each.name === name) as T
}

function get<T>(all: ReadonlyMap<string, T>, name: string): T {
  return all.get(name) as T
}
