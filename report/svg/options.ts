import type { Report } from '../../lib/report/report.ts'
import { onlyKeys } from '../../lib/validation/validate.ts'
import { checkedWidth, checkReport, type Range } from '../check.ts'

/** The options of `reportToSVG`. */
export interface ReportToSVGOptions {
  /**
   * The width of the picture in CSS pixels, from 320 to 4000. The height depends on the report.
   *
   * @default 800
   * @example
   * ```ts
   * reportToSVG(report, { width: 1200 })
   * ```
   */
  width?: number | undefined
}

const range: Range = { least: 320, most: 4000, unit: 'pixels' }

/** Checks the arguments of `reportToSVG`, and returns the width. */
export function widthOf(report: Report, options: ReportToSVGOptions): number {
  checkReport(report)
  const { width = 800 } = onlyKeys('', options, ['width'])
  return checkedWidth(width, range)
}
