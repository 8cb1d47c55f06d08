import type { Report } from '../lib/report.ts'
import { headline } from './headline.ts'
import { canvasOf, type FormatReportOptions } from './options.ts'
import { problemLines } from './problems.ts'
import { requestLines } from './requests.ts'
import { timeline } from './timeline.ts'

/**
 * Draws a shutdown's report as a timeline for a terminal: a headline, one bar a phase and hook on
 * a common axis, what became of the requests, and one line for everything that went wrong.
 *
 * The report may also come from a log line, by way of `JSON.parse`. Control characters in names
 * and messages are left out, so what is drawn is safe to print.
 *
 * Throws `FST_LIFECYCLE_OPTION_INVALID` or `FST_LIFECYCLE_OPTION_UNKNOWN` for options that it
 * cannot use, and for what is not a report.
 *
 * @example
 * ```ts
 * import { formatReport } from 'fastify-lifecycle/report'
 *
 * app.lifecycle.on('report', (report) => process.stderr.write(`${formatReport(report)}\n`))
 * ```
 */
export function formatReport(report: Report, options: FormatReportOptions = {}): string {
  const canvas = canvasOf(report, options)
  const parts = [headline, timeline, requestLines, problemLines].map((draw) => draw(report, canvas))
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

export type { FormatReportOptions } from './options.ts'
