import { isatty } from 'node:tty'
import type { FastifyBaseLogger, LogLevel } from 'fastify'
import type { ShutdownReason } from '../report/reason.ts'
import type { LogSettings } from './log-options.ts'

/** How a logger writes lines without a problem. */
export interface Style {
  /** The level of these lines. */
  readonly level: LogLevel
  /** Whether these lines have no fields, because a person reads them. */
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
 * The style for a shutdown. A person who has pressed Ctrl-C at a terminal reads the next lines. pino-pretty prints
 * each field on a line of its own, so the fields of a clean shutdown would fill the screen.
 */
export function styleFor(
  { level, report }: LogSettings,
  reason: ShutdownReason,
  isTerminal: (descriptor: number) => boolean = isatty
): Style {
  const isCtrlC = reason.type === 'signal' && reason.signal === 'SIGINT'
  return { level, isBare: isCtrlC && report === 'auto' && isTerminal(2) }
}
