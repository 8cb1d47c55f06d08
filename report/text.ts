import { stripVTControlCharacters } from 'node:util'

// Text as a terminal shows it: counts its columns, and shortens it.

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Characters that take two columns. A doubtful character counts as two, so that no line grows too long. */
const wide =
  /^(?:\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|.\ufe0f)/u

/** Characters that break lines, move the cursor or change the direction of the text. */
const unruly = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

/**
 * The longest part of one text that a drawing shows, in characters. So a very long text does not make the
 * drawing slow.
 */
const mostCharacters = 4_000

/** The part of a text that a drawing shows at most. */
export function atMost(text: string): string {
  return text.slice(0, mostCharacters)
}

/** Makes one line of a text from outside, without characters that could harm a terminal. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(atMost(text)).replace(unruly, ' ').trim()
}

/** The number of columns that a terminal gives the text. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += columnsOfGrapheme(segment)
  return columns
}

/** As much of the text as fits. A shortened text ends in an ellipsis. */
export function shorten(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let start = ''
  let left = columns - 1
  for (const { segment } of graphemes.segment(text)) {
    left -= columnsOfGrapheme(segment)
    if (left < 0) break
    start += segment
  }
  return `${start.trimEnd()}…`
}

/** Fills up with blanks on the right. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(columns - columnsOf(text))
}

function columnsOfGrapheme(grapheme: string): number {
  return wide.test(grapheme) ? 2 : 1
}
