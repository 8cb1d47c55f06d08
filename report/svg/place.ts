import type { Axis } from '../axis.ts'
import type { Columns, Row } from '../rows.ts'
import { columnWidth, lineHeight } from './block.ts'

/** The shortest bar, in px. A shorter one could not be seen. */
const shortestBar = 2

/** A row, and the place of its bar in the timeline, in px. */
export interface PlacedRow {
  readonly row: Row
  /** The middle of its height. */
  readonly y: number
  readonly from: number
  readonly to: number
}

/** The left edge of the bars, in px. */
export function leftOf({ label, time }: Columns): number {
  return (label + time + 3) * columnWidth
}

/** The row with this index, below the axis. */
export function place(row: Row, index: number, columns: Columns, axis: Axis): PlacedRow {
  const left = leftOf(columns)
  const end = left + columns.bar * columnWidth
  const from = Math.min(left + axis.at(row.at) * columnWidth, end - shortestBar)
  const to = left + axis.at(row.at + (row.duration ?? 0)) * columnWidth
  return { row, y: (index + 1.5) * lineHeight, from, to: Math.min(Math.max(to, from + shortestBar), end) }
}
