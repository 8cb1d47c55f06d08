import { Budget } from './budget.ts'
import { now } from './clock.ts'
import type { HookPlan } from './hook-graph.ts'
import type { Hook } from './hooks.ts'
import type { PhaseEntry } from './phases.ts'
import { isCrash, type ShutdownReason } from './reason.ts'
import {
  type ActiveResource,
  type ConnectionTally,
  deepFreeze,
  errorReportOf,
  type HookOutcome,
  type HookReport,
  type LameDuckReport,
  type PhaseReport,
  type ReasonReport,
  type Report,
  type RequestTally,
  type ShutdownOutcome,
  type WorkTally
} from './report.ts'
import type { OutstandingHook } from './watchdog/facts.ts'

/** A hook while it runs, and after. */
export interface HookRun {
  readonly hook: Hook
  /** The names of those that had to stop before it. */
  readonly waitedFor: readonly string[]
  /** Those of them that did not end well. */
  readonly despite: readonly string[]
  readonly start: number
  end: number | undefined
  outcome: HookOutcome
  error: unknown
}

/** What is known of the rest when the report is written. */
export interface Surroundings {
  readonly entries: readonly PhaseEntry[]
  readonly requests: RequestTally
  readonly work: WorkTally
  /** How the hooks of each phase were to run. */
  readonly plans: readonly HookPlan[]
}

/** The time until the process is gone, and the part of it that the main thread may use, in ms. */
export interface Times {
  readonly deadline: number
  readonly budget: number
}

/** What the app was like when it began. */
export interface AtStart {
  readonly wasServing: boolean
  readonly connections: ConnectionTally
}

/** One shutdown of one app: why, with which budget, and what came of it. */
export class Shutdown {
  readonly reason: ShutdownReason
  readonly budget: Budget
  readonly #deadline: number
  /** Whether the app was listening and ready when it began. */
  readonly wasServing: boolean
  readonly hooks: HookRun[] = []
  /** Crashes that came while it was under way. */
  readonly crashes: unknown[] = []
  /** What Fastify's own close failed with. */
  closeError: { readonly error: unknown } | undefined
  #lameDuck: LameDuckReport = { ended: 'skipped', saved: 0 }
  readonly #startedAt = new Date()
  readonly #connections: ConnectionTally

  constructor(reason: ShutdownReason, times: Times, atStart: AtStart) {
    const { deadline, budget } = times
    const { wasServing, connections } = atStart
    this.#connections = connections
    this.reason = reason
    this.budget = new Budget(budget)
    this.#deadline = deadline
    this.wasServing = wasServing
  }

  lameDuckEnded({ ended, saved }: LameDuckReport): void {
    this.#lameDuck = { ended, saved: round(saved) }
  }

  startHook(hook: Hook, waitedFor: readonly Hook[]): HookRun {
    const run: HookRun = {
      hook,
      waitedFor: waitedFor.map(({ name }) => name),
      despite: this.failedHooks
        .filter((other) => waitedFor.includes(other.hook))
        .map((other) => other.hook.name),
      start: now(),
      end: undefined,
      outcome: 'unfinished',
      error: undefined
    }
    this.hooks.push(run)
    return run
  }

  get outstandingHooks(): OutstandingHook[] {
    const running = this.hooks.filter(({ end }) => end === undefined)
    return running.map(({ hook: { name, phase }, start }) => ({ name, phase, age: round(now() - start) }))
  }

  get failedHooks(): readonly HookRun[] {
    return this.hooks.filter((run) => run.outcome !== 'ok')
  }

  /** Writes the report. `cutOff` says what ended the shutdown before its end, if anything did. */
  report(
    { entries, requests, work, plans }: Surroundings,
    cutOff: 'deadline' | 'abandoned' | undefined
  ): Report {
    const outcome = cutOff ?? (this.#isClean(requests, work) ? 'clean' : 'failed')
    const end = now()
    const duration = round(end - this.budget.start)
    const hooks = [...this.hooks.map((run) => this.hookReport(run, end)), ...this.#unstarted(plans, duration)]
    const isLate =
      cutOff !== undefined || [...requests.cut, ...work.cut].length > 0 || hooks.some(hasTimedOut)
    return deepFreeze({
      version: 1,
      outcome,
      exitCode: outcome === 'clean' ? 0 : 1,
      reason: reasonReportOf(this.reason),
      startedAt: this.#startedAt.toISOString(),
      duration,
      deadline: this.#deadline,
      budgetUsed: Math.round((duration / this.#deadline) * 1_000) / 1_000,
      phases: this.#phasesUntil(end, entries),
      lameDuck: this.#lameDuck,
      requests,
      work,
      connections: this.#connections,
      hooks,
      crashes: this.crashes.map(errorReportOf),
      ...(this.closeError && { closeError: errorReportOf(this.closeError.error) }),
      ...(isLate && { alive: activeResources() })
    } satisfies Report & { outcome: ShutdownOutcome })
  }

  hookReport({ hook, start, end, outcome, error, waitedFor, despite }: HookRun, until: number): HookReport {
    return {
      name: hook.name,
      phase: hook.phase,
      outcome,
      at: this.#sinceStart(start),
      duration: round((end ?? until) - start),
      waitedFor,
      despite,
      ...(error !== undefined && { error: errorReportOf(error) })
    }
  }

  /** The hooks whose turn never came. */
  #unstarted(plans: readonly HookPlan[], at: number): HookReport[] {
    const started = new Set(this.hooks.map(({ hook }) => hook))
    return plans.flatMap((plan) =>
      plan.hooks
        .filter((hook) => !started.has(hook))
        .map((hook) => {
          const waitedFor = plan.waitsFor(hook).map(({ name }) => name)
          const { name, phase } = hook
          return { name, phase, outcome: 'unstarted', at, duration: 0, waitedFor, despite: [] }
        })
    )
  }

  #isClean(requests: RequestTally, work: WorkTally): boolean {
    return (
      !isCrash(this.reason) &&
      this.crashes.length === 0 &&
      this.closeError === undefined &&
      this.failedHooks.length === 0 &&
      requests.cut.length === 0 &&
      work.cut.length === 0
    )
  }

  #phasesUntil(end: number, entries: readonly PhaseEntry[]): PhaseReport[] {
    const own = entries.filter(({ phase }) => phase !== 'starting' && phase !== 'ready')
    return own.map(({ phase, at }, index) => ({
      phase,
      at: this.#sinceStart(at),
      duration: round((own[index + 1]?.at ?? end) - at)
    }))
  }

  #sinceStart(at: number): number {
    return round(at - this.budget.start)
  }
}

function reasonReportOf(reason: ShutdownReason): ReasonReport {
  return 'error' in reason ? { type: reason.type, error: errorReportOf(reason.error) } : { ...reason }
}

function hasTimedOut({ outcome }: HookReport): boolean {
  return outcome === 'timeout'
}

function activeResources(): ActiveResource[] {
  const counts = new Map<string, number>()
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts].map(([type, count]) => ({ type, count }))
}

/** A tenth of a millisecond is as exact as anything here. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
