import type { Report } from '../../lib/report/report.ts'
import { aliveLines } from '../alive.ts'
import { drawn } from '../check.ts'
import { headline } from '../headline.ts'
import type { Line } from '../line.ts'
import { problemLines } from '../problems.ts'
import { tallies } from '../tallies.ts'
import { oneLine } from '../text.ts'
import { type Block, columnWidth, textBlock, titled } from './block.ts'
import { type ReportToSVGOptions, widthOf } from './options.ts'
import { rootClass, style } from './style.ts'
import { timelineBlock } from './timeline.ts'
import { element, escapeXML } from './xml.ts'

const margin = 12
const gap = 12

/**
 * Draws a shutdown's report as an SVG picture, for a page or beside the logs of a CI run. It shows what
 * `formatReport` shows. A thin line leads from each hook to the hooks that waited for it.
 *
 * The picture needs no other files: it loads nothing and runs nothing. Its colours follow the reader's
 * preference for light or dark. A mark and the shape of the bar also show how a hook ended. Shortened text is
 * shown in full when the reader points at it. All text of the report is escaped.
 *
 * Throws `FST_LIFECYCLE_OPTION_INVALID` or `FST_LIFECYCLE_OPTION_UNKNOWN` for options that it cannot use, and
 * for a value that is not a report.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { reportToSVG } from 'fastify-lifecycle/report'
 *
 * app.lifecycle.on('report', (report) => writeFileSync('shutdown.svg', reportToSVG(report)))
 * ```
 */
export function reportToSVG(report: Report, options: ReportToSVGOptions = {}): string {
  const width = widthOf(report, options)
  return drawn(report, () => picture(report, width))
}

function picture(report: Report, width: number): string {
  const columns = Math.floor((width - 2 * margin) / columnWidth)
  const head = headline(report, columns)
  const rest = [tallies, problemLines, aliveLines].map((linesOf) => linesOf(report, columns))
  const blocks = [textBlock(head), timelineBlock(report, columns), ...rest.map(textBlock)]
  const { markup, height } = stacked(blocks.filter((block) => block.height > 0))
  const size = { width, height, viewBox: `0 0 ${width} ${height}` }
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', class: rootClass, role: 'img', ...size },
    [
      titled(oneLine(report.summary)),
      element('desc', {}, escapeXML(rest.map(spoken).join('\n').trim())),
      element('style', {}, style),
      element('rect', { class: 'paper', width: '100%', height: '100%' }),
      markup
    ].join('\n')
  )
}

/** Puts the blocks below one another, within a margin. */
function stacked(blocks: readonly Block[]): Block {
  let y = margin
  const parts: string[] = []
  for (const { height, markup } of blocks) {
    parts.push(element('g', { transform: `translate(${margin} ${y})` }, `\n${markup}\n`))
    y += height + gap
  }
  return { height: y - gap + margin, markup: parts.join('\n') }
}

function spoken(lines: readonly Line[]): string {
  return lines.map(({ full }) => full).join('\n')
}
