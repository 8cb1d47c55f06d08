import type { LogLevel } from 'fastify'
import { aLogLevel } from '../validation/log-level.ts'
import { oneOf, onlyKeys } from '../validation/validate.ts'

/** The option `log`: what a shutdown says in the log. */
export interface LogOptions {
  /**
   * The level of every line that tells of nothing wrong: phases, hooks that ended well, the last line of a clean
   * shutdown, repeated signals. With `'silent'` only what goes wrong is logged.
   *
   * @default 'info'
   * @example
   * ```ts
   * await app.register(lifecycle, { log: { level: 'debug' } })
   * ```
   */
  level?: LogLevel | undefined
  /**
   * How much of the report the last line carries. Its text is always the `summary`, and beside it are always the
   * fields `outcome`, `exitCode`, `durationMs`, `signal`, `completed`, `rejected`, `cut` and `failedHooks`.
   *
   * - `'summary'`: no more than these
   * - `'full'`: also the whole report, as `report`
   * - `'auto'`: the whole report where the outcome is not `'clean'`. After a Ctrl-C at a terminal, lines that tell of
   *   nothing wrong have no fields
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
