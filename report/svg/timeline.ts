import type { Report } from '../../lib/report/report.ts'
import { Axis } from '../axis.ts'
import { type Columns, columnsFor, type Row, rowsOf, spanOf, timeOf } from '../rows.ts'
import { shorten } from '../text.ts'
import { type Block, baseline, columnWidth, lineHeight, titled } from './block.ts'
import { leftOf, type PlacedRow, place } from './place.ts'
import { waits } from './waits.ts'
import { amount, element, escapeXML } from './xml.ts'

/** How each kind of bar is drawn. The kinds also differ without colour. */
const strokes: Readonly<Record<Row['shape'], Readonly<Record<string, string | number>>>> = {
  phase: { 'stroke-width': 11 },
  hook: { 'stroke-width': 5 },
  'broken hook': { 'stroke-width': 5, 'stroke-dasharray': '5 2' }
}

/** One bar for each phase, and below it one bar for each of its hooks, on a common axis. */
export function timelineBlock(report: Report, width: number): Block {
  const rows = rowsOf(report)
  if (rows.length === 0) return { height: 0, markup: '' }

  const columns = columnsFor(rows, width)
  const axis = new Axis(spanOf(report, rows), columns.bar)
  const height = (rows.length + 1) * lineHeight
  const placed = rows.map((row, index) => place(row, index, columns, axis))
  const parts = [scale(axis, columns, height), ...waits(placed), ...placed.map((row) => drawn(row, columns))]
  return { height, markup: parts.join('\n') }
}

function scale(axis: Axis, columns: Columns, height: number): string {
  const left = leftOf(columns)
  const ticks = axis.ticks().map(({ column, label }) => {
    const x = left + column * columnWidth
    const line = element('path', { class: 'grid', d: `M${amount(x)} ${lineHeight}V${height}` })
    return line + element('text', { class: 'quiet', x, y: baseline }, label)
  })
  return [rightAligned('ms', columns, baseline, 'quiet'), ...ticks].join('\n')
}

function drawn({ row, y, from, to }: PlacedRow, columns: Columns): string {
  const { mark, name, nameTone, tone, shape, duration, full } = row
  const top = y - lineHeight / 2
  const room = columns.label - mark.length
  const bar = { class: tone, ...strokes[shape], d: `M${amount(from)} ${amount(y)}H${amount(to)}` }
  return element(
    'g',
    {},
    titled(full) +
      element('text', { class: tone, x: 2 * columnWidth, y: top + baseline }, mark.trim()) +
      // The text gets its own box, because letters of another font may be wider than a column.
      element(
        'svg',
        { x: mark.length * columnWidth, y: top, width: room * columnWidth, height: lineHeight },
        element('text', { class: nameTone, y: baseline }, escapeXML(shorten(name, room)))
      ) +
      (duration === undefined
        ? ''
        : rightAligned(timeOf(row), columns, top + baseline, 'plain') + element('path', bar))
  )
}

function rightAligned(text: string, columns: Columns, y: number, tone: string): string {
  const x = leftOf(columns) - 2 * columnWidth
  return element('text', { class: tone, x, y, 'text-anchor': 'end' }, escapeXML(text))
}
