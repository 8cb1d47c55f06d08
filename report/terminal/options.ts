import type { Report } from '../../lib/report/report.ts'
import { aBoolean, onlyKeys } from '../../lib/validation/validate.ts'
import { checkedWidth, checkReport, type Range } from '../check.ts'
import { type Paint, paintWith } from './paint.ts'

/** The options of `formatReport`. Both are optional. */
export interface FormatReportOptions {
  /**
   * How many columns a line may have, from 40 to 1000.
   *
   * @default the width of the terminal that stdout is, or 80
   * @example
   * ```ts
   * formatReport(report, { width: 120 })
   * ```
   */
  width?: number | undefined

  /**
   * Whether to write ANSI colour codes.
   *
   * @default whether stdout is a terminal. The environment variables `FORCE_COLOR` and `NO_COLOR` override
   * this, `FORCE_COLOR` first, as in Node.js itself
   * @example
   * ```ts
   * formatReport(report, { color: false })
   * ```
   * @see https://no-color.org
   */
  color?: boolean | undefined
}

/** The settings of a drawing. */
export interface Canvas {
  readonly width: number
  readonly paint: Paint
}

/** The part of `process.stdout` that decides the defaults. */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
}

const range: Range = { least: 40, most: 1000, unit: 'columns' }
const usual = 80

/** Checks the arguments of `formatReport`, and fills the defaults in. */
export function canvasOf(
  report: Report,
  options: FormatReportOptions,
  output: Output = process.stdout,
  env: NodeJS.ProcessEnv = process.env
): Canvas {
  checkReport(report)
  const given = onlyKeys('', options, ['width', 'color'])
  const { width = columnsOf(output), color = wantsColor(output, env) } = given
  return { width: checkedWidth(width, range), paint: paintWith(aBoolean('color', color)) }
}

/**
 * The usable width of a terminal. It may be narrower than the narrowest drawing, or 0 if the terminal does not
 * know its size.
 */
function columnsOf({ columns }: Output): number {
  return Math.min(range.most, Math.max(range.least, columns || usual))
}

function wantsColor({ isTTY }: Output, { FORCE_COLOR, NO_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  return isTTY === true && TERM !== 'dumb'
}
