import type { Report } from '../../lib/report/report.ts'
import { aliveLines } from '../alive.ts'
import { drawn } from '../check.ts'
import { headline } from '../headline.ts'
import { problemLines } from '../problems.ts'
import { tallies } from '../tallies.ts'
import { canvasOf, type FormatReportOptions } from './options.ts'
import { timeline } from './timeline.ts'

const parts = [headline, timeline, tallies, problemLines, aliveLines]

/**
 * Draws a shutdown's report as a timeline for a terminal. It has a headline, and one bar for each phase and
 * hook on a common axis. Below that are the requests, the connections, the tracked work, one line for each
 * failure, and what kept the process alive.
 *
 * The hooks of a phase stand in the order in which they began. Beside a bar are the hooks that it waited for,
 * unless that is only the hook above.
 *
 * The report may also come from a log line, through `JSON.parse`. Control characters in names and messages are
 * left out, so the drawing is safe to print.
 *
 * Throws `FST_LIFECYCLE_OPTION_INVALID` or `FST_LIFECYCLE_OPTION_UNKNOWN` for options that it cannot use, and
 * for a value that is not a report.
 *
 * @example
 * ```ts
 * import { formatReport } from 'fastify-lifecycle/report'
 *
 * app.lifecycle.on('report', (report) => process.stderr.write(`${formatReport(report)}\n`))
 * ```
 */
export function formatReport(report: Report, options: FormatReportOptions = {}): string {
  const { width, paint } = canvasOf(report, options)
  return drawn(report, () =>
    parts
      .map((linesOf) => linesOf(report, width))
      .filter((lines) => lines.length > 0)
      .map((lines) =>
        lines.map(({ indent, pieces }) => ' '.repeat(indent) + pieces.map(paint).join('')).join('\n')
      )
      .join('\n\n')
  )
}
