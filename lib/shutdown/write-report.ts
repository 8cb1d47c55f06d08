import { longest, namedAtMost, shorten } from '../bounds.ts'
import type { Hook } from '../hooks/hook.ts'
import { type HookRuns, hookReportOf } from '../hooks/run.ts'
import { hookPhases, type Phase, type PhaseEntry } from '../phases.ts'
import { adviceOn } from '../report/arrivals.ts'
import { errorReportOf } from '../report/error-report.ts'
import { isCrash, type ShutdownReason } from '../report/reason.ts'
import {
  type ActiveResource,
  deepFreeze,
  type HookReport,
  type PhaseReport,
  type ReasonReport,
  type Report,
  type RequestTally,
  type WorkTally
} from '../report/report.ts'
import { summaryOf, type Unsummarized } from '../report/summary.ts'
import { now, round } from '../time/clock.ts'
import { standardStreams } from '../undocumented/standard-streams.ts'
import type { Shutdown } from './shutdown.ts'

/** What cut the shutdown off; `undefined` if it came to its end. */
export type CutOff = 'deadline' | 'abandoned' | undefined

/**
 * Writes the report, once, and publishes it. Hooks, requests and work that are not finished are not stopped, but
 * reported.
 */
export function conclude(shutdown: Shutdown, cutOff: CutOff): Report {
  if (shutdown.report !== null) return shutdown.report
  shutdown.report = writeReport(shutdown, cutOff)
  if (cutOff !== undefined) shutdown.parts.traffic.removeSocketFiles()
  shutdown.parts.events.report(shutdown.report)
  return shutdown.report
}

/** The report as it would be if the shutdown ended now. */
export function reportSoFar(shutdown: Shutdown): Report {
  return writeReport(shutdown, undefined, shutdown.parts.traffic.tallySoFar)
}

function writeReport(shutdown: Shutdown, cutOff: CutOff, tally?: RequestTally): Report {
  const draft = draftOf(shutdown, cutOff, tally)
  const { version, outcome, ...rest } = draft
  // The fields in the order in which people read them.
  return deepFreeze<Report>({ version, outcome, summary: summaryOf(draft), ...rest })
}

/** The report as it would be now, without its sentence. */
export function draftOf(
  shutdown: Shutdown,
  cutOff: CutOff,
  requests: RequestTally = shutdown.parts.traffic.tally
): Unsummarized {
  const { phases, settings } = shutdown.parts
  const { lameDuck, handedOver, connections, crashes, closeError } = shutdown
  const { start } = shutdown.budget
  const { deadline } = settings
  const work = shutdown.parts.work.tally
  const end = now()
  const duration = round(end - start)
  const isClean = endedWell(shutdown) && isAllDone(requests, work)
  const outcome = cutOff ?? (isClean ? 'clean' : 'failed')
  const hooks = [
    ...withOldestErrors(shutdown.runs.all.map((run) => hookReportOf(run, start, end))),
    ...unstarted(shutdown, duration)
  ]
  const hasHung = hooks.some((hook) => hook.outcome === 'timeout')
  const isLate = cutOff !== undefined || hasHung || !isAllDone(requests, work)
  return {
    version: 1,
    outcome,
    exitCode: outcome === 'clean' ? 0 : 1,
    reason: reasonReportOf(shutdown.reason),
    startedAt: shutdown.startedAt.toISOString(),
    duration,
    deadline,
    // With a deadline of 0, all time is used.
    budgetUsed: deadline === 0 ? 1 : Math.round((duration / deadline) * 1_000) / 1_000,
    phases: phasesUntil(end, phases.entries, start),
    lameDuck,
    ...(handedOver && { handOver: { ...handedOver, requests: shutdown.parts.traffic.afterHandOver } }),
    requests,
    ...arrivalsIn(shutdown),
    work,
    connections,
    hooks,
    crashes: crashes.kept.map(errorReportOf),
    crashCount: crashes.count,
    ...(closeError && { closeError: errorReportOf(closeError.error) }),
    ...(isLate && { alive: activeResources() })
  }
}

/** The clients that still sent requests, with advice if a longer or shorter lame duck would help. */
function arrivalsIn(shutdown: Shutdown): Pick<Unsummarized, 'arrivals'> {
  const { parts, lameDuck, budget, reason, wasServing, handsOver } = shutdown
  const { arrivals } = parts.traffic
  if (arrivals === undefined) return {}
  const began = (phase: Phase) => parts.phases.entries.find((entry) => entry.phase === phase)?.at
  const [drainAt, closingAt] = [began('draining'), began('closing')]
  const canHelp = wasServing && !handsOver && (reason.type === 'signal' || reason.type === 'shutdown')
  if (!canHelp || drainAt === undefined) return { arrivals }
  const advice = adviceOn(arrivals, {
    window: parts.settings.lameDuck.max,
    hasEndedEarly: lameDuck.ended !== 'window',
    drainAt: drainAt - budget.start,
    closingAt: closingAt === undefined ? undefined : closingAt - budget.start
  })
  return { arrivals: advice === undefined ? arrivals : { ...arrivals, advice } }
}

/** Keeps only the errors of the first hooks that failed. */
function withOldestErrors(hooks: readonly HookReport[]): HookReport[] {
  let failed = 0
  return hooks.map(({ error, ...hook }) =>
    error === undefined || ++failed > namedAtMost ? hook : { ...hook, error }
  )
}

/** The names of the hooks that have not begun. */
export function unstartedHooks({ runs, parts }: Shutdown): string[] {
  const all = hookPhases.flatMap((phase) => parts.hooks.plan(phase).hooks)
  return all.filter(isUnstartedIn(runs)).map(({ name }) => name)
}

function unstarted({ runs, parts }: Shutdown, at: number): HookReport[] {
  const plans = hookPhases.map((phase) => parts.hooks.plan(phase))
  const isUnstarted = isUnstartedIn(runs)
  return plans.flatMap((plan) => {
    return plan.hooks.filter(isUnstarted).map((hook): HookReport => {
      const waitedFor = plan.waitsFor(hook).map(({ name }) => name)
      const { name, phase } = hook
      return { name, phase, outcome: 'unstarted', at, duration: 0, waitedFor, despite: [] }
    })
  })
}

/** A hook that was removed does not count as unstarted. */
function isUnstartedIn(runs: HookRuns): (hook: Hook) => boolean {
  const started = new Set(runs.all.map(({ hook }) => hook))
  return (hook) => !started.has(hook) && !hook.isTakenBack()
}

function endedWell({ reason, crashes, closeError, runs }: Shutdown): boolean {
  return !isCrash(reason) && crashes.count === 0 && closeError === undefined && runs.failed.length === 0
}

/** Whether all requests and all work came to an end. */
function isAllDone(requests: RequestTally, work: WorkTally): boolean {
  return requests.cutCount + requests.leftCount + work.cutCount + work.refused === 0
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
  if ('error' in reason) return { type: reason.type, error: errorReportOf(reason.error) }
  if (reason.type !== 'shutdown' || reason.message === undefined) return { ...reason }
  return { ...reason, message: shorten(reason.message, longest.message) }
}

function activeResources(): ActiveResource[] {
  const active = process.getActiveResourcesInfo().map((type) => [type, 1] as const)
  const standard = standardStreams().map((type) => [type, -1] as const)
  const counts = new Map<string, number>()
  for (const [type, by] of [...active, ...standard]) counts.set(type, (counts.get(type) ?? 0) + by)
  return [...counts].filter(([, count]) => count > 0).map(([type, count]) => ({ type, count }))
}
