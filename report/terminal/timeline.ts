import type { Report } from '../../lib/report/report.ts'
import { Axis } from '../axis.ts'
import type { Line, Piece } from '../line.ts'
import { type Columns, columnsFor, type Row, rowsOf, spanOf, timeOf } from '../rows.ts'
import { columnsOf, pad, shorten } from '../text.ts'
import { barOf } from './bar.ts'

/** The shortest note, in columns. Less of a name would not be recognizable. */
const shortestNote = 6

/** One bar for each phase, and below it one bar for each of its hooks, on a common axis. */
export function timeline(report: Report, width: number): Line[] {
  const rows = rowsOf(report)
  if (rows.length === 0) return []

  const columns = columnsFor(rows, width)
  const axis = new Axis(spanOf(report, rows), columns.bar)
  const head = `${' '.repeat(columns.label)} ${'ms'.padStart(columns.time)}  ${ticks(axis)}`
  return [
    { indent: 0, pieces: [{ tone: 'quiet', text: head }], full: head },
    ...rows.map((row, index) => ({
      indent: 0,
      pieces: piecesOf(row, rows[index - 1], columns, axis),
      full: row.full
    }))
  ]
}

function ticks(axis: Axis): string {
  return axis.ticks().reduce((row, { column, label }) => row.padEnd(Math.round(column)) + label, '')
}

function piecesOf(row: Row, above: Row | undefined, columns: Columns, axis: Axis): Piece[] {
  const room = columns.label - row.mark.length
  const mark: Piece = { tone: row.tone, text: row.mark }
  const name = shorten(row.name, room)
  if (row.duration === undefined) return [mark, { tone: row.nameTone, text: name }]

  const { blanks, bar } = barOf(row.shape, row.at, row.duration, axis, columns.bar)
  const isPlain =
    row.waitedFor.length === 0 || (row.waitedFor.length === 1 && row.waitedFor[0] === above?.name)
  const { before, after } = isPlain
    ? { before: ' '.repeat(blanks), after: '' }
    : note(row.waitedFor.join(', '), blanks, columns.bar - blanks - bar.length)
  return [
    mark,
    { tone: row.nameTone, text: pad(name, room) },
    { tone: 'plain', text: ` ${timeOf(row).padStart(columns.time)}  ` },
    { tone: 'quiet', text: before },
    { tone: row.tone, text: bar },
    { tone: 'quiet', text: after }
  ]
}

/**
 * A note with the hooks that a hook waited for, unless that is only the row above. The note is on the side of
 * the bar with more room.
 */
function note(names: string, left: number, right: number): { before: string; after: string } {
  const arrow = right >= left ? ' ← ' : ' → '
  const room = Math.max(left, right) - arrow.length
  const text = room < shortestNote ? '' : shorten(names, room)
  if (text === '') return { before: ' '.repeat(left), after: '' }
  if (right >= left) return { before: ' '.repeat(left), after: arrow + text }
  return { before: ' '.repeat(left - columnsOf(text) - arrow.length) + text + arrow, after: '' }
}
