import type { Report } from '../lib/report/report.ts'
import type { Line } from './line.ts'
import { columnsOf, oneLine, shorten } from './text.ts'

const hanging = 2

/** The summary of the report, in as few lines as possible. */
export function headline({ summary, outcome }: Report, width: number): Line[] {
  const isClean = outcome === 'clean'
  return wrapped(`${isClean ? '✓' : '✗'} ${oneLine(summary)}`, width).map(({ indent, text }) => ({
    indent,
    pieces: [{ tone: isClean ? 'good' : 'bad', text }],
    full: text
  }))
}

/** Breaks a text between its words, but not within the exit code. All lines but the first are indented. */
function wrapped(text: string, width: number): { indent: number; text: string }[] {
  const lines: { indent: number; text: string }[] = []
  for (const word of text.split(/ (?!code \d+$|\d+$)/)) {
    const line = lines.at(-1)
    if (line !== undefined && line.indent + columnsOf(`${line.text} ${word}`) <= width)
      line.text += ` ${word}`
    else lines.push({ indent: line === undefined ? 0 : hanging, text: shorten(word, width - hanging) })
  }
  return lines
}
