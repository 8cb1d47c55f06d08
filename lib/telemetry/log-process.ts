import type { FastifyBaseLogger } from 'fastify'
import { quoted } from '../bounds.ts'
import type { Phase } from '../phases.ts'
import type { CutRequest, UnfinishedWork } from '../report/report.ts'
import { spellCount } from '../report/spell-count.ts'
import { say, sayOnStderr, sayToFirst } from './say.ts'

// The log lines about the process: its crashes, its watchdog, its platform, and its end.

/** Logs a crash with the first logger that logs anything. If there is none, writes it to stderr, as Node.js would. */
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
  const line =
    'too many errors that nobody caught: from here on they are counted, and neither logged nor reported'
  sayToFirst(logs, 'error', { code: 'LIFECYCLE_CRASH' }, line)
}

export function logMismatch(
  log: FastifyBaseLogger,
  {
    platform,
    setting,
    wanted,
    kill
  }: {
    readonly platform: string
    readonly setting?: string
    readonly wanted?: number
    readonly kill: number
  },
  deadline: number
): void {
  const remedy =
    setting === undefined
      ? `Lower \`deadline\`, since ${platform} has no setting for it`
      : `Set \`${setting}\` of ${platform} to ${wanted}, or lower \`deadline\``
  say(
    log,
    'warn',
    {
      code: 'LIFECYCLE_DEADLINE_MISMATCH',
      platform,
      ...(setting !== undefined && { setting }),
      kill,
      deadline
    },
    `${platform} kills this process ${kill} ms after its signal, but \`deadline\` is ${deadline} ms: requests in flight may be cut, and hooks not run. ${remedy}`
  )
}

export function logUntoldBalancer(log: FastifyBaseLogger, sign: string): void {
  say(
    log,
    'warn',
    { code: 'LIFECYCLE_UNTOLD_BALANCER' },
    `a balancer seems to stand in front of this app, because ${sign}, but it does not learn when the app ends. Requests that come during the drain get 503. ` +
      'Set `lameDuck` to the time that the balancer needs to notice, or `handOver: true` if it retries a refused connection on another server. `lameDuck: 0` disables this line'
  )
}

export function logLostWatchdog(log: FastifyBaseLogger, error: unknown): void {
  const line =
    'there is no watchdog, because its thread could not be started: while the event loop turns, the deadline ' +
    'holds, but a process whose event loop is blocked will not be ended by `hardKill`'
  say(log, 'warn', { code: 'LIFECYCLE_NO_WATCHDOG', err: error }, line)
}

export function logFoundWatchdog(log: FastifyBaseLogger): void {
  say(log, 'info', { code: 'LIFECYCLE_WATCHDOG' }, 'there is a watchdog now: its thread could be started')
}

/** What is not finished when something else ends the process. */
export interface UnfinishedFacts {
  readonly phase: Phase
  readonly exitCode: number
  /** The names of the hooks that run. */
  readonly running: readonly string[]
  /** The names of the hooks that have not begun. */
  readonly unstarted: readonly string[]
  readonly inFlight: number
  readonly requests: readonly CutRequest[]
  readonly work: readonly UnfinishedWork[]
}

/** `error` is the uncaught error, or has the stack of the code that ended the process. */
export function logExitByOthers(
  logs: readonly FastifyBaseLogger[],
  { isCrash, error }: { readonly isCrash: boolean; readonly error: unknown },
  facts: UnfinishedFacts
): void {
  const { phase, exitCode, running, unstarted, inFlight, work } = facts
  const why = isCrash ? 'nobody caught an error' : 'something called `process.exit()`, or ended it otherwise'
  const lists = [
    ['hooks that run', running],
    ['hooks that have not begun', unstarted],
    ['work that is not done', work.map(({ name }) => name)]
  ] as const
  const named = lists
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what}: ${quoted(names)}`)
  const line =
    `the process exits with code ${exitCode} before its shutdown is over, in the phase '${phase}', because ${why}. ` +
    `Unfinished: ${[`${spellCount(inFlight, 'request')} in flight`, ...named].join('; ')}`
  sayToFirst(logs, 'fatal', { code: 'LIFECYCLE_EXIT_BY_OTHERS', ...facts, err: error }, line)
}

export function logOwnExitCode(logs: readonly FastifyBaseLogger[], exitCode: number): void {
  const line = `the exit code is ${exitCode}, because the app has set \`process.exitCode\``
  sayToFirst(logs, 'info', { code: 'LIFECYCLE_EXIT_CODE', exitCode }, line)
}

/** Writes to stderr, because the loggers may not be able to write any more. */
export function logFailedExitListener(name: string, error: unknown): void {
  sayOnStderr(`the 'exit' listener '${name}' failed; the others run, and the exit code stays`, { err: error })
}
