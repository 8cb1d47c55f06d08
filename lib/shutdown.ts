import { Budget } from './budget.ts'
import { now } from './clock.ts'
import type { Hook } from './hooks.ts'
import type { PhaseEntry } from './phases.ts'
import { isCrash, type ShutdownReason } from './reason.ts'
import {
  deepFreeze,
  errorReportOf,
  type HookOutcome,
  type HookReport,
  type PhaseReport,
  type ReasonReport,
  type Report,
  type RequestTally,
  type ShutdownOutcome
} from './report.ts'
import type { OutstandingHook } from './watchdog/facts.ts'

/** A hook while it runs, and after. */
export interface HookRun {
  readonly hook: Hook
  readonly start: number
  end: number | undefined
  outcome: HookOutcome
  error: unknown
}

/** What is known of the rest when the report is written. */
export interface Surroundings {
  readonly entries: readonly PhaseEntry[]
  readonly requests: RequestTally
}

/** The time until the process is gone, and the part of it that the main thread may use, in ms. */
export interface Times {
  readonly deadline: number
  readonly budget: number
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
  readonly #startedAt = new Date()

  constructor(reason: ShutdownReason, { deadline, budget }: Times, wasServing: boolean) {
    this.reason = reason
    this.budget = new Budget(budget)
    this.#deadline = deadline
    this.wasServing = wasServing
  }

  startHook(hook: Hook): HookRun {
    const run: HookRun = { hook, start: now(), end: undefined, outcome: 'unfinished', error: undefined }
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
  report({ entries, requests }: Surroundings, cutOff: 'deadline' | 'abandoned' | undefined): Report {
    const outcome = cutOff ?? (this.#isClean(requests) ? 'clean' : 'failed')
    const end = now()
    return deepFreeze({
      version: 1,
      outcome,
      exitCode: outcome === 'clean' ? 0 : 1,
      reason: reasonReportOf(this.reason),
      startedAt: this.#startedAt.toISOString(),
      duration: round(end - this.budget.start),
      deadline: this.#deadline,
      phases: this.#phasesUntil(end, entries),
      requests,
      hooks: this.hooks.map((run) => this.hookReport(run, end)),
      crashes: this.crashes.map(errorReportOf),
      ...(this.closeError && { closeError: errorReportOf(this.closeError.error) })
    } satisfies Report & { outcome: ShutdownOutcome })
  }

  hookReport({ hook, start, end, outcome, error }: HookRun, until: number): HookReport {
    return {
      name: hook.name,
      phase: hook.phase,
      outcome,
      at: this.#sinceStart(start),
      duration: round((end ?? until) - start),
      ...(error !== undefined && { error: errorReportOf(error) })
    }
  }

  #isClean(requests: RequestTally): boolean {
    return (
      !isCrash(this.reason) &&
      this.crashes.length === 0 &&
      this.closeError === undefined &&
      this.failedHooks.length === 0 &&
      requests.cut.length === 0
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

/** A tenth of a millisecond is as exact as anything here. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
