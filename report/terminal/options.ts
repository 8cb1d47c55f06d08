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
   * @default whether stdout is a terminal; the environment variables `FORCE_COLOR` and `NO_COLOR`
   * overrule that, the former first, as they do in Node.js itself
   * @example
   * ```ts
   * formatReport(report, { color: false })
   * ```
   * @see https://no-color.org
   */
  color?: boolean | undefined
}

/** What a drawing is made with. */
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

/** Checks what `formatReport` was given, and fills the defaults in. */
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

/** A terminal may be narrower than a drawing can be, and one that does not know its size says 0. */
function columnsOf({ columns }: Output): number {
  return Math.min(range.most, Math.max(range.least, columns || usual))
}

function wantsColor({ isTTY }: Output, { FORCE_COLOR, NO_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  return isTTY === true && TERM !== 'dumb'
}
