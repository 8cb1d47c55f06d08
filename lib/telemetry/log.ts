import type { FastifyBaseLogger, LogLevel } from 'fastify'
import { quoted } from '../bounds.ts'
import type { CheckEvent, Probe } from '../health/check.ts'
import type { Phase } from '../phases.ts'
import { nameReason, type ShutdownReason } from '../report/reason.ts'
import type { CutRequest, HookReport, Report, UnfinishedWork } from '../report/report.ts'
import { spellCount } from '../report/spell-count.ts'
import type { LogSettings } from './log-options.ts'
import { flatReport, loggableReport } from './loggable.ts'
import { say, sayToFirst } from './say.ts'

// The lines of the log for people: one for each phase and hook, and the report as the last. The text may
// change; programs should read `code`.

/** The facts about the shutdown for the line of a phase. */
export interface PhaseFacts {
  readonly reason: ShutdownReason
  readonly deadline: number
  readonly inFlight: number
  /** Whether the lame duck was skipped, no connection is open, and nothing is in flight. */
  readonly isIdle: boolean
  /** Whether the app hands over. */
  readonly handsOver: boolean
  readonly cut: number
  /** How many hooks will run in the phase `closing`. */
  readonly hooks: number
}

export function logPhase(log: FastifyBaseLogger, phase: Phase, facts: PhaseFacts): void {
  say(
    log,
    isTelling(phase, facts) ? 'info' : 'debug',
    { code: 'LIFECYCLE_PHASE', phase },
    describePhase(phase, facts)
  )
}

/** If nothing happens in a phase, its line has the level `debug`. */
function isTelling(phase: Phase, { isIdle, handsOver, cut, hooks }: PhaseFacts): boolean {
  switch (phase) {
    case 'draining':
      return handsOver || !isIdle
    case 'closing':
      return cut + hooks > 0
    default:
      return phase === 'lameDuck'
  }
}

function describePhase(phase: Phase, facts: PhaseFacts): string {
  const { reason, deadline, inFlight, handsOver, cut, hooks } = facts
  const requests = `${spellCount(inFlight, 'request')} in flight`
  // `app.close()` has no deadline.
  const limit = reason.type === 'close' ? '' : `, ${deadline} ms until the end`
  switch (phase) {
    case 'lameDuck':
      return `shutting down because of ${nameReason(reason)}: not ready any more, ${requests}${limit}`
    case 'draining':
      return handsOver
        ? `draining: serving requests that still come on open connections, ${requests}`
        : `draining: answering new requests with 503 while ${requests} may finish`
    case 'closing':
      return `closing: ${spellCount(cut, 'request')} cut, ${spellCount(hooks, 'hook')} to run`
    default:
      return 'closed'
  }
}

export function logHandOver(log: FastifyBaseLogger, connections: number): void {
  const fields = { code: 'LIFECYCLE_HAND_OVER', connections }
  const open = `${spellCount(connections, 'open connection')} left`
  say(log, 'info', fields, `new connections are left to others: not accepting any more, ${open}`)
}

export function logHook(log: FastifyBaseLogger, report: HookReport, error: unknown): void {
  const { name, phase, outcome, duration } = report
  const fields = { code: 'LIFECYCLE_HOOK', hook: name, phase, outcome, duration }
  const despite = report.despite.length === 0 ? '' : `, although ${quoted(report.despite)} had not ended well`
  if (outcome === 'ok') say(log, 'info', fields, `hook '${name}' done in ${duration} ms${despite}`)
  else if (outcome === 'timeout')
    say(log, 'error', fields, `hook '${name}' timed out after ${duration} ms${despite}`)
  else say(log, 'error', { ...fields, err: error }, `hook '${name}' failed after ${duration} ms${despite}`)
}

export function logCutRequest(log: FastifyBaseLogger, request: CutRequest): void {
  const { method, route, age } = request
  const line = `request ${method} ${route} cut: not answered after ${age} ms`
  say(log, 'error', { code: 'LIFECYCLE_CUT', request }, line)
}

export function logLeftRequest(log: FastifyBaseLogger, request: CutRequest): void {
  const { method, route, age } = request
  const line = `request ${method} ${route} left: its client has gone, and its handler was not done after ${age} ms`
  say(log, 'error', { code: 'LIFECYCLE_LEFT', request }, line)
}

export function logRefusedWork(log: FastifyBaseLogger, name: string): void {
  const line = `work '${name}' refused: it came when the drain was over`
  say(log, 'error', { code: 'LIFECYCLE_REFUSED', work: name }, line)
}

export function logCutWork(log: FastifyBaseLogger, work: UnfinishedWork): void {
  const line = `work '${work.name}' timed out at the age of ${work.age} ms`
  say(log, 'error', { code: 'LIFECYCLE_CUT', work }, line)
}

/** Logs how many others got no line of their own. */
export function logOthers(log: FastifyBaseLogger, what: OtherLines, others: number): void {
  if (others === 0) return
  const [code, noun, happened] = otherLines[what]
  say(log, 'error', { code, others }, `${spellCount(others, `more ${noun}`)} ${happened}`)
}

type OtherLines = 'requests' | 'work' | 'hooks'

const otherLines: Readonly<Record<OtherLines, readonly [code: string, noun: string, happened: string]>> = {
  requests: ['LIFECYCLE_CUT', 'request', 'cut: not answered in time'],
  work: ['LIFECYCLE_CUT', 'piece of work', 'timed out'],
  hooks: ['LIFECYCLE_HOOK', 'hook', 'failed: the report names them']
}

/** Logs the report. If the process ends and there is no logger, the line goes to stderr. */
export function logReport(
  log: FastifyBaseLogger,
  amount: LogSettings['report'],
  report: Report,
  endsProcess: boolean
): void {
  const isClean = report.outcome === 'clean'
  const isFull = amount === 'full' || (amount === 'auto' && !isClean)
  const fields = { code: 'LIFECYCLE_REPORT', ...flatReport(report), ...(isFull && loggableReport(report)) }
  if (isClean) say(log, 'info', fields, report.summary)
  else if (endsProcess) sayToFirst([log], 'error', fields, report.summary)
  else say(log, 'error', fields, report.summary)
}

export function logCheck(
  log: FastifyBaseLogger,
  { name, state, previous, critical, error }: CheckEvent
): void {
  const fields = { code: 'LIFECYCLE_CHECK', check: name, state }
  if (state === 'failing') {
    const consequence = critical ? '' : '; it is not critical'
    say(log, 'warn', { ...fields, err: error }, `check '${name}' fails${consequence}`)
  } else if (previous === 'failing') say(log, 'info', fields, `check '${name}' has recovered`)
}

export function logHeld(log: FastifyBaseLogger, holds: readonly string[], count: number, ms: number): void {
  const line = `still not ready after ${ms} ms: held off by ${quoted(holds, count)}`
  say(log, 'warn', { code: 'LIFECYCLE_HELD', holds }, line)
}

export function logProbePort(log: FastifyBaseLogger, address: string): void {
  say(log, 'info', { code: 'LIFECYCLE_PROBES', address }, `probes listening at ${address}`)
}

export function logProbe(log: FastifyBaseLogger, level: LogLevel, probe: Probe, status: number): void {
  say(log, level, { probe, status }, `probe '${probe}' answered with ${status}`)
}

export function logFailedRejection(log: FastifyBaseLogger, error: unknown): void {
  const line = 'the option `rejection` failed, so late requests get the usual body of a 503'
  say(log, 'error', { code: 'LIFECYCLE_REJECTION', err: error }, line)
}

export function logFailedLongLived(log: FastifyBaseLogger, route: string, error: unknown): void {
  const line = `the function \`longLived\` of ${route} failed, so its requests are waited for like others`
  say(log, 'error', { code: 'LIFECYCLE_LONG_LIVED', route, err: error }, line)
}

export function logFailedListener(log: FastifyBaseLogger, event: string, error: unknown): void {
  const line = `a listener of the lifecycle's '${event}' event failed`
  say(log, 'error', { code: 'LIFECYCLE_LISTENER', event, err: error }, line)
}

/** The fields that all lines of the app's logger have, if the logger can list them. */
export function bindingsOf(log: FastifyBaseLogger): Record<string, unknown> {
  const { bindings } = log as { bindings?: () => Record<string, unknown> }
  try {
    return bindings?.call(log) ?? {}
  } catch {
    return {}
  }
}
