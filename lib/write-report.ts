import { now, round } from './clock.ts'
import type { HookPlan } from './hook-graph.ts'
import type { PhaseEntry } from './phases.ts'
import { isCrash, type ShutdownReason } from './reason.ts'
import {
  type ActiveResource,
  deepFreeze,
  type HookReport,
  type PhaseReport,
  type ReasonReport,
  type Report,
  type RequestTally,
  type WorkTally
} from './report.ts'
import type { HookRun, Shutdown } from './shutdown.ts'
import { errorReportOf } from './thrown.ts'

/** What is known of the rest when the report is written. */
export interface Surroundings {
  readonly entries: readonly PhaseEntry[]
  readonly requests: RequestTally
  readonly work: WorkTally
  /** How the hooks of each phase were to run. */
  readonly plans: readonly HookPlan[]
}

/** What ended a shutdown before its end, if anything did. */
export type CutOff = 'deadline' | 'abandoned' | undefined

/** Writes down what came of a shutdown. */
export function writeReport(shutdown: Shutdown, surroundings: Surroundings, cutOff: CutOff): Report {
  const { budget, deadline, lameDuck, connections, closeError } = shutdown
  const { entries, requests, work, plans } = surroundings
  const end = now()
  const duration = round(end - budget.start)
  const outcome = cutOff ?? (isClean(shutdown, surroundings) ? 'clean' : 'failed')
  const hooks = [
    ...shutdown.hooks.map((run) => hookReportOf(run, budget.start, end)),
    ...unstarted(shutdown, plans, duration)
  ]
  const hasHung = hooks.some((hook) => hook.outcome === 'timeout')
  const isLate = cutOff !== undefined || hasHung || requests.cut.length > 0 || work.cut.length > 0
  return deepFreeze<Report>({
    version: 1,
    outcome,
    exitCode: outcome === 'clean' ? 0 : 1,
    reason: reasonReportOf(shutdown.reason),
    startedAt: shutdown.startedAt.toISOString(),
    duration,
    deadline,
    // Of no time at all, all is used.
    budgetUsed: deadline === 0 ? 1 : Math.round((duration / deadline) * 1_000) / 1_000,
    phases: phasesUntil(end, entries, budget.start),
    lameDuck,
    requests,
    work,
    connections,
    hooks,
    crashes: shutdown.crashes.map(errorReportOf),
    ...(closeError && { closeError: errorReportOf(closeError.error) }),
    ...(isLate && { alive: activeResources() })
  })
}

/** A hook's run, in times since the shutdown began; one that goes on has lasted until `until`. */
export function hookReportOf(run: HookRun, start: number, until: number): HookReport {
  const { hook, outcome, error, waitedFor, despite } = run
  return {
    name: hook.name,
    phase: hook.phase,
    outcome,
    at: round(run.start - start),
    duration: round((run.end ?? until) - run.start),
    waitedFor,
    despite,
    ...(error !== undefined && { error: errorReportOf(error) })
  }
}

/** The hooks whose turn never came. */
function unstarted({ hooks }: Shutdown, plans: readonly HookPlan[], at: number): HookReport[] {
  const started = new Set(hooks.map(({ hook }) => hook))
  return plans.flatMap((plan) => {
    const left = plan.hooks.filter((hook) => !started.has(hook))
    return left.map((hook): HookReport => {
      const waitedFor = plan.waitsFor(hook).map(({ name }) => name)
      const { name, phase } = hook
      return { name, phase, outcome: 'unstarted', at, duration: 0, waitedFor, despite: [] }
    })
  })
}

function isClean(
  { reason, crashes, closeError, failedHooks }: Shutdown,
  { requests, work }: Surroundings
): boolean {
  return (
    !isCrash(reason) &&
    crashes.length === 0 &&
    closeError === undefined &&
    failedHooks.length === 0 &&
    requests.cut.length === 0 &&
    work.cut.length === 0
  )
}

function phasesUntil(end: number, entries: readonly PhaseEntry[], start: number): PhaseReport[] {
  const own = entries.filter(({ phase }) => phase !== 'starting' && phase !== 'ready')
  return own.map(({ phase, at }, index) => ({
    phase,
    at: round(at - start),
    duration: round((own[index + 1]?.at ?? end) - at)
  }))
}

function reasonReportOf(reason: ShutdownReason): ReasonReport {
  return 'error' in reason ? { type: reason.type, error: errorReportOf(reason.error) } : { ...reason }
}

function activeResources(): ActiveResource[] {
  const counts = new Map<string, number>()
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts].map(([type, count]) => ({ type, count }))
}
