import type { Canvas } from './options.ts'
import type { Tone } from './paint.ts'
import { columnsOf, oneLine, shorten } from './text.ts'

/** A few words that stay together. */
export interface Fact {
  readonly text: string
  readonly tone: Tone
}

const separator = ' · '
const indent = 2

/** Facts beside one another, in as few lines as they fit in; the second and later ones are indented. */
export function factLines(facts: readonly Fact[], { width, paint }: Canvas): string[] {
  const lines: string[] = []
  let left = 0
  for (const { text, tone } of facts) {
    const fitting = shorten(oneLine(text), width - indent)
    const columns = columnsOf(fitting)
    const painted = paint(tone, fitting)
    if (left >= separator.length + columns) {
      lines.push(lines.pop() + paint('quiet', separator) + painted)
      left -= separator.length + columns
    } else {
      const margin = lines.length === 0 ? 0 : indent
      lines.push(' '.repeat(margin) + painted)
      left = width - margin - columns
    }
  }
  return lines
}
