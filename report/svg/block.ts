import { type Line, textOf } from '../line.ts'
import { element, escapeXML } from './xml.ts'

/** A part of the picture, drawn from its own top left corner. */
export interface Block {
  readonly height: number
  readonly markup: string
}

/** The width of a column in px. At this font size, no usual monospaced font needs more. */
export const columnWidth = 7.4

/** The height of a line, and the position of its letters within it, in px. */
export const lineHeight = 18
export const baseline = 13

/** Lines of text. A shortened line is shown in full when the reader points at it. */
export function textBlock(lines: readonly Line[]): Block {
  return {
    height: lines.length * lineHeight,
    markup: lines.map((line, index) => textLine(line, index * lineHeight + baseline)).join('\n')
  }
}

function textLine(line: Line, y: number): string {
  const spans = line.pieces.map(({ tone, text }) => element('tspan', { class: tone }, escapeXML(text)))
  const full = textOf(line) === line.full ? '' : titled(line.full)
  return element('text', { x: line.indent * columnWidth, y }, full + spans.join(''))
}

/** The text that is shown when the reader points at the element. */
export function titled(text: string): string {
  return element('title', {}, escapeXML(text))
}
