import type { LogLevel } from 'fastify'
import { aLogLevel } from '../validation/log-level.ts'
import { oneOf, onlyKeys } from '../validation/validate.ts'

/** The option `log`: what a shutdown writes to the log. */
export interface LogOptions {
  /**
   * The level of every line without a problem: phases, hooks that ended well, the last line of a clean shutdown,
   * repeated signals. With `'silent'`, only errors and warnings are logged.
   *
   * @default 'info'
   * @example
   * ```ts
   * await app.register(lifecycle, { log: { level: 'debug' } })
   * ```
   */
  level?: LogLevel | undefined
  /**
   * How much of the report is in the last line of the log. The text of that line is always the report's `summary`.
   * The line also has the fields `outcome`, `exitCode`, `durationMs`, `signal`, `completed`, `rejected`, `cut` and
   * `failedHooks`.
   *
   * - `'summary'`: the line has only this text and these fields.
   * - `'full'`: the line also has the field `report`, with the whole report.
   * - `'auto'`: like `'summary'` after a clean shutdown, otherwise like `'full'`. After a Ctrl-C at a terminal, lines
   *   without a problem have no fields.
   *
   * @default 'auto'
   * @example
   * ```ts
   * await app.register(lifecycle, { log: { report: 'full' } })
   * ```
   */
  report?: 'summary' | 'full' | 'auto' | undefined
}

/** The option `log` with every default filled in. */
export interface LogSettings {
  readonly level: LogLevel
  readonly report: 'summary' | 'full' | 'auto'
}

const amounts = ['summary', 'full', 'auto'] as const

/** Checks the option `log`, and fills the defaults in. */
export function logSettingsOf(value: LogOptions): LogSettings {
  const { level = 'info', report = 'auto' } = onlyKeys<LogOptions>('log', value, ['level', 'report'])
  return { level: aLogLevel('log.level', level), report: oneOf('log.report', report, amounts) }
}
