import type { Line, Piece } from './line.ts'
import { columnsOf, oneLine, shorten } from './text.ts'

/** A few words that stay together on one line. */
export type Fact = Piece

const separator = ' · '
const hanging = 2

/** Puts facts beside one another, in as few lines as possible. All lines but the first are indented. */
export function factLines(facts: readonly Fact[], width: number): Line[] {
  const lines: { indent: number; pieces: Piece[]; full: string }[] = []
  let left = 0
  for (const { text, tone } of facts) {
    const full = oneLine(text)
    const piece = { text: shorten(full, width - hanging), tone }
    const columns = columnsOf(piece.text)
    const line = lines.at(-1)
    if (line !== undefined && left >= separator.length + columns) {
      line.pieces.push({ text: separator, tone: 'quiet' }, piece)
      line.full += separator + full
      left -= separator.length + columns
    } else {
      const indent = line === undefined ? 0 : hanging
      lines.push({ indent, pieces: [piece], full })
      left = width - indent - columns
    }
  }
  return lines
}
