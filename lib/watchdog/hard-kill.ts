import { FST_LIFECYCLE_BUDGET_IMPOSSIBLE } from '../errors.ts'
import { kindOf } from '../validation/read.ts'
import { invalid, milliseconds, onlyKeys } from '../validation/validate.ts'

/** When the watchdog kills the process. */
export interface HardKillOptions {
  /**
   * How many ms before `deadline` the main thread ends the process by itself, so that its own report is still
   * written. At most the `deadline`.
   *
   * @default 250, or half of a `deadline` that is shorter than 500 ms
   * @example
   * ```ts
   * await app.register(lifecycle, { hardKill: { margin: 500 } })
   * ```
   */
  margin?: number | undefined
  /**
   * If the event loop is blocked for this many ms, the watchdog kills the process, even if no shutdown has begun.
   *
   * @default off
   * @example
   * ```ts
   * await app.register(lifecycle, { hardKill: { stall: 10_000 } })
   * ```
   */
  stall?: number | undefined
}

/** The option `hardKill` with every default filled in. */
export type HardKill = { readonly margin: number; readonly stall: number | undefined } | false

/** Checks the option `hardKill`. An explicit margin must fit into the deadline. The default margin always fits. */
export function hardKillOf(value: boolean | HardKillOptions, deadline: number): HardKill {
  if (value === false) return false
  if (value !== true && kindOf(value) !== 'object') {
    throw invalid('hardKill', 'true, false, or an object { margin, stall }', value)
  }
  const given = value === true ? {} : onlyKeys<HardKillOptions>('hardKill', value, ['margin', 'stall'])
  const { margin = Math.min(250, deadline / 2), stall } = given
  milliseconds('hardKill.margin', margin)
  if (margin > deadline) {
    throw new FST_LIFECYCLE_BUDGET_IMPOSSIBLE(
      `'hardKill.margin' is ${margin} ms`,
      `the 'deadline' of ${deadline} ms`
    )
  }
  if (stall !== undefined && milliseconds('hardKill.stall', stall) === 0) {
    throw invalid('hardKill.stall', 'more than 0 ms, or left out', stall)
  }
  return { margin, stall }
}
