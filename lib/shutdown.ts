import { Budget } from './budget.ts'
import { now, round } from './clock.ts'
import type { Hook } from './hooks.ts'
import type { ShutdownReason } from './reason.ts'
import type { ConnectionTally, HookOutcome, LameDuckReport } from './report.ts'
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

/** The time until the process is gone, and the part of it that the main thread may use, in ms. */
export interface Times {
  readonly deadline: number
  readonly budget: number
  /** What one of those that wait is given at most. */
  readonly maxWait: number
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
  readonly deadline: number
  /** Whether the app was listening and ready when it began. */
  readonly wasServing: boolean
  readonly hooks: HookRun[] = []
  /** Crashes that came while it was under way. */
  readonly crashes: unknown[] = []
  /** What Fastify's own close failed with. */
  closeError: { readonly error: unknown } | undefined
  lameDuck: LameDuckReport = { ended: 'skipped', saved: 0 }
  readonly startedAt: Date = new Date()
  /** Those that were open when it began. */
  readonly connections: ConnectionTally

  constructor(reason: ShutdownReason, times: Times, atStart: AtStart) {
    const { deadline, budget, maxWait } = times
    const { wasServing, connections } = atStart
    this.connections = connections
    this.reason = reason
    this.budget = new Budget(budget, maxWait)
    this.deadline = deadline
    this.wasServing = wasServing
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
}
