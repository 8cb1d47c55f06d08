/**
 * Pictures of a report, for a terminal and for a page.
 *
 * @module
 */

export { reportToSVG } from './svg/draw.ts'
export type { ReportToSVGOptions } from './svg/options.ts'
export { formatReport } from './terminal/format.ts'
export type { FormatReportOptions } from './terminal/options.ts'
