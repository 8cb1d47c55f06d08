import type { Axis } from '../axis.ts'
import type { Row } from '../rows.ts'

/** The characters of a bar: a whole cell, its left half and its right half. */
interface Brush {
  readonly whole: string
  readonly left: string
  readonly right: string
}

const hook: Brush = { whole: '━', left: '╸', right: '╺' }

const brushes: Readonly<Record<Row['shape'], Brush>> = {
  phase: { whole: '█', left: '▌', right: '▐' },
  hook,
  // Differs from the bar of a good hook also without colour.
  'broken hook': { ...hook, whole: '╍' }
}

/**
 * A bar, and the number of blank cells before it. The bar is exact to half a cell, and at least half a cell
 * long.
 */
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
