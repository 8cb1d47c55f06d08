import { writeSync } from 'node:fs'
import type { FastifyBaseLogger, LogLevel } from 'fastify'
import type { Mismatch } from './environment.ts'
import type { CheckEvent, Probe } from './health/check.ts'
import type { Life } from './life.ts'
import type { Phase } from './phases.ts'
import { nameReason } from './reason.ts'
import type { CutRequest, HookReport, Report, UnfinishedWork } from './report.ts'
import type { Shutdown } from './shutdown.ts'
import { textOf } from './thrown.ts'

// What a person reads in the logs, one line a phase and hook, and the report as the last. The text
// may change; machines go by `code`.

/** A logger that throws, because a hook has ended what it writes to, say, must not stop the walk. */
export function say(log: FastifyBaseLogger, level: LogLevel, fields: Fields, line: string): void {
  if (level === 'silent') return
  try {
    log[level](fields, line)
  } catch {
    writeToStderr(line, fields)
  }
}

interface Fields {
  readonly code?: string
  readonly err?: unknown
  readonly [name: string]: unknown
}

export function logPhase(life: Life, phase: Phase, shutdown: Shutdown | undefined): void {
  const line = describePhase(life, phase, shutdown)
  if (line !== undefined) say(life.app.log, 'info', { code: 'LIFECYCLE_PHASE', phase }, line)
}

function describePhase(
  { settings, traffic, hooks }: Life,
  phase: Phase,
  shutdown: Shutdown | undefined
): string | undefined {
  if (shutdown === undefined) return undefined
  const inFlight = count(traffic.flight.count, 'request', 'in flight')
  switch (phase) {
    case 'lameDuck':
      return `shutting down because of ${nameReason(shutdown.reason)}: not ready any more, ${inFlight}, ${settings.deadline} ms until the end`
    case 'draining':
      return `draining: answering new requests with 503 while ${inFlight} may finish`
    case 'closing':
      return `closing: ${count(traffic.tally.cut.length, 'request', 'cut')}, ${count(hooks.plan('closing').hooks.length, 'hook', 'to run')}`
    default:
      return 'closed'
  }
}

export function logHook(log: FastifyBaseLogger, report: HookReport, error: unknown): void {
  const { name, phase, outcome, duration } = report
  const fields = { code: 'LIFECYCLE_HOOK', hook: name, phase, outcome, duration }
  const despite = report.despite.length === 0 ? '' : `, although ${list(report.despite)} had not ended well`
  if (outcome === 'ok') say(log, 'info', fields, `hook '${name}' done in ${duration} ms${despite}`)
  else if (outcome === 'timeout')
    say(log, 'error', fields, `hook '${name}' left behind: not done after ${duration} ms${despite}`)
  else say(log, 'error', { ...fields, err: error }, `hook '${name}' failed after ${duration} ms${despite}`)
}

export function logCutRequest(log: FastifyBaseLogger, request: CutRequest): void {
  const { method, route, age } = request
  const line = `request ${method} ${route} cut: not answered after ${age} ms`
  say(log, 'error', { code: 'LIFECYCLE_CUT', request }, line)
}

export function logCutWork(log: FastifyBaseLogger, work: UnfinishedWork): void {
  const line = `work '${work.name}' left behind: not done after ${work.age} ms`
  say(log, 'error', { code: 'LIFECYCLE_CUT', work }, line)
}

export function logReport(log: FastifyBaseLogger, report: Report): void {
  const { outcome, duration, requests, exitCode } = report
  const fields = { code: 'LIFECYCLE_REPORT', report }
  const line =
    `shutdown ${outcome} after ${Math.round(duration)} ms: ${requests.completed} completed, ` +
    `${requests.rejected} rejected, ${requests.cut.length} cut, exit code ${exitCode}`
  say(log, exitCode === 0 ? 'info' : 'error', fields, line)
}

export function logCheck(
  log: FastifyBaseLogger,
  { name, state, previous, critical, error }: CheckEvent
): void {
  const fields = { code: 'LIFECYCLE_CHECK', check: name, state }
  if (state === 'failing') {
    const consequence = critical ? '' : '; it is not critical'
    say(log, 'warn', { ...fields, err: error }, `check '${name}' fails${consequence}`)
  } else if (previous === 'failing') say(log, 'info', fields, `check '${name}' is good again`)
}

export function logHeld(log: FastifyBaseLogger, holds: readonly string[], ms: number): void {
  const line = `still not ready after ${ms} ms: held off by ${list(holds)}`
  say(log, 'warn', { code: 'LIFECYCLE_HELD', holds }, line)
}

export function logProbePort(log: FastifyBaseLogger, address: string): void {
  say(log, 'info', { code: 'LIFECYCLE_PROBES', address }, `probes listening at ${address}`)
}

export function logProbe(log: FastifyBaseLogger, level: LogLevel, probe: Probe, status: number): void {
  say(log, level, { probe, status }, `probe '${probe}' answered with ${status}`)
}

/** To the first that logs anything. Where none does, on stderr: Node.js would have said it there. */
export function logCrash(
  logs: readonly FastifyBaseLogger[],
  type: string,
  error: unknown,
  isFirst: boolean
): void {
  const line = isFirst
    ? `${type}: shutting down, the exit code will be 1`
    : `${type} while shutting down: the shutdown goes on, the exit code will be 1`
  sayToFirst(logs, isFirst ? 'fatal' : 'error', { code: 'LIFECYCLE_CRASH', err: error }, line)
}

export function logLastCrash(logs: readonly FastifyBaseLogger[]): void {
  const line = 'too many errors that nobody caught: from here on they are neither logged nor reported'
  sayToFirst(logs, 'error', { code: 'LIFECYCLE_CRASH' }, line)
}

function sayToFirst(logs: readonly FastifyBaseLogger[], level: LogLevel, fields: Fields, line: string): void {
  // Where nothing is logged, what logs is the same function at all levels.
  const log = logs.find((each) => each[level] !== each.trace)
  if (log !== undefined) say(log, level, fields, line)
  else writeToStderr(line, fields)
}

/** Not through `process.stderr`: where nobody reads it any more, that would be the next crash. */
function writeToStderr(line: string, { err }: Fields): void {
  try {
    writeSync(2, err === undefined ? `${line}\n` : `${line}\n${textOf(err, 2)}\n`)
  } catch {
    // There is nobody left to tell.
  }
}

export function logContested(log: FastifyBaseLogger, signals: readonly string[]): void {
  const names = signals.join(' and ')
  say(
    log,
    'warn',
    { code: 'LIFECYCLE_SIGNAL_CONTESTED', signals },
    `something else in this process listens to ${names} as well: if it ends the process, requests in flight are cut and hooks do not run. ` +
      'Remove that listener, or leave these signals to it with the option `signals`'
  )
}

export function logMismatch(
  log: FastifyBaseLogger,
  { platform, setting, kill }: Mismatch,
  deadline: number
): void {
  say(
    log,
    'warn',
    { code: 'LIFECYCLE_DEADLINE_MISMATCH', platform, setting, kill, deadline },
    `${platform} kills this process ${kill} ms after its signal, but \`deadline\` is ${deadline} ms: requests in flight may be cut, and hooks not run. ` +
      `Set \`${setting}\` of ${platform} to ${deadline + 1_000}, or lower \`deadline\``
  )
}

export function logLostWatchdog(log: FastifyBaseLogger, error: unknown): void {
  const line =
    'there is no watchdog, because its thread could not be started: while the event loop turns, the deadline ' +
    'holds, but a process whose event loop is blocked will not be ended by `hardKill`'
  say(log, 'warn', { code: 'LIFECYCLE_NO_WATCHDOG', err: error }, line)
}

export function logFailedListener(log: FastifyBaseLogger, event: string, error: unknown): void {
  say(log, 'error', { err: error }, `a listener of the lifecycle's '${event}' event failed`)
}

/** What all lines of the app's logger carry, where it can say so. */
export function bindingsOf(log: FastifyBaseLogger): Record<string, unknown> {
  const { bindings } = log as { bindings?: () => Record<string, unknown> }
  try {
    return bindings?.call(log) ?? {}
  } catch {
    return {}
  }
}

function list(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}

function count(number: number, noun: string, what: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'} ${what}`
}
