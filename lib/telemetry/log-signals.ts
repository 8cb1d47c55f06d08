import type { FastifyBaseLogger } from 'fastify'
import { namedAtMost } from '../bounds.ts'
import { say } from './say.ts'

// The log lines about signals, and about calls that would wait for themselves.

/** A function that listens to a signal: its name, or a piece of its source. */
export interface NamedListener {
  readonly signal: string
  readonly listener: string
}

export function logContested(log: FastifyBaseLogger, others: readonly NamedListener[]): void {
  const listeners = others.slice(0, namedAtMost)
  const signals = [...new Set(others.map(({ signal }) => signal))]
  const named = [...new Set(listeners.map(({ listener }) => `\`${listener}\``))]
  say(
    log,
    'warn',
    { code: 'LIFECYCLE_SIGNAL_CONTESTED', signals, listeners },
    `something else in this process listens to ${signals.join(' and ')} as well (${named.join(', ')}): ` +
      'if it ends the process, requests in flight are cut and hooks do not run. ' +
      'Remove that listener, or leave these signals to it with the option `signals`'
  )
}

/** `who` is a part of the shutdown that the shutdown waits for. */
export function logWaitsForItself(log: FastifyBaseLogger, who: string, call: string): void {
  const line = `${who} has called ${call}, which waits for it: the call returns at once, and the shutdown goes on`
  say(log, 'info', { code: 'LIFECYCLE_WAITS_FOR_ITSELF', who, call }, line)
}

/** `who` is a request handler or tracked work. The shutdown no longer waits for it. */
export function logExcused(log: FastifyBaseLogger, who: string, call: string): void {
  const line = `${who} waits for ${call}, so the shutdown does not wait for it: it goes on at the end of the shutdown`
  say(log, 'info', { code: 'LIFECYCLE_WAITS_FOR_ITSELF', who, call }, line)
}

/** What happens to a signal that comes while the apps shut down. */
export type RepeatedSignal = 'changes nothing' | 'ends the lame duck'

const consequences: Readonly<Record<RepeatedSignal, string>> = {
  'changes nothing': 'it changes nothing, and the shutdown goes on',
  'ends the lame duck': 'the lame duck ends now. The next SIGINT ends the process at once, with exit code 1'
}

export function logRepeatedSignal(
  logs: readonly FastifyBaseLogger[],
  signal: NodeJS.Signals,
  since: number,
  what: RepeatedSignal
): void {
  const ms = Math.round(since)
  const line = `${signal} came ${ms} ms after the shutdown had begun: ${consequences[what]}`
  // A repeated signal is no problem, so if no logger logs anything, nothing is written to stderr.
  const log = logs.find(({ info, trace }) => info !== trace)
  if (log !== undefined) say(log, 'info', { code: 'LIFECYCLE_SIGNAL_REPEATED', signal, since: ms }, line)
}
