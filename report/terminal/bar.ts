import type { Axis } from '../axis.ts'
import type { Row } from '../rows.ts'

/** What a bar is drawn with: a whole cell, its left half and its right half. */
interface Brush {
  readonly whole: string
  readonly left: string
  readonly right: string
}

const hook: Brush = { whole: '━', left: '╸', right: '╺' }

const brushes: Readonly<Record<Row['shape'], Brush>> = {
  phase: { whole: '█', left: '▌', right: '▐' },
  hook,
  // Told from the other without colour, too.
  'broken hook': { ...hook, whole: '╍' }
}

/** A bar, exact to half a cell and never shorter than that, and the number of blank cells before it. */
export function barOf(
  shape: Row['shape'],
  at: number,
  duration: number,
  axis: Axis,
  cells: number
): { blanks: number; bar: string } {
  const brush = brushes[shape]
  const from = Math.min(Math.round(2 * axis.at(at)), 2 * cells - 1)
  const to = Math.min(Math.max(Math.round(2 * axis.at(at + duration)), from + 1), 2 * cells)
  const firstWhole = Math.ceil(from / 2)
  const endOfWhole = Math.floor(to / 2)
  const bar =
    (from % 2 === 1 ? brush.right : '') +
    brush.whole.repeat(Math.max(0, endOfWhole - firstWhole)) +
    (to % 2 === 1 ? brush.left : '')
  return { blanks: Math.floor(from / 2), bar }
}
