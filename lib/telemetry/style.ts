import { isatty } from 'node:tty'
import type { FastifyBaseLogger, LogLevel } from 'fastify'
import type { ShutdownReason } from '../report/reason.ts'
import type { LogSettings } from './log-options.ts'

/** How the lines of a logger look that tell of nothing wrong. */
export interface Style {
  /** Their level. */
  readonly level: LogLevel
  /** Whether they are read by a person, and carry no fields. */
  readonly isBare: boolean
}

const usual: Style = { level: 'info', isBare: false }
const styles = new WeakMap<object, Style>()

export function styleOf(log: FastifyBaseLogger): Style {
  return styles.get(log) ?? usual
}

export function setStyle(log: FastifyBaseLogger, style: Style): void {
  styles.set(log, style)
}

/**
 * Somebody has pressed Ctrl-C at a terminal, and reads what comes next. pino-pretty prints each field on a line of its
 * own, so a shutdown that is clean would fill the screen.
 */
export function styleFor(
  { level, report }: LogSettings,
  reason: ShutdownReason,
  isTerminal: (descriptor: number) => boolean = isatty
): Style {
  const isCtrlC = reason.type === 'signal' && reason.signal === 'SIGINT'
  return { level, isBare: isCtrlC && report === 'auto' && isTerminal(2) }
}
