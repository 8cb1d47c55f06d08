import { stripVTControlCharacters } from 'node:util'

// Text as a terminal shows it: how many columns it takes, and how to make it take fewer.

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** What takes two columns. Where it is in doubt too much is counted, so that no line grows too long. */
const wide =
  /^(?:\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|.\ufe0f)/u

/** Breaks lines, moves the cursor or turns the writing around. */
const unruly = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

/** No drawing shows more characters of one text: what a text takes to draw does not grow with it. */
const mostCharacters = 4_000

/** So much of a text as is drawn at most. */
export function atMost(text: string): string {
  return text.slice(0, mostCharacters)
}

/** Text from outside as one line that a terminal can be trusted with. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(atMost(text)).replace(unruly, ' ').trim()
}

/** The number of columns that a terminal gives the text. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += columnsOfGrapheme(segment)
  return columns
}

/** As much of the text as fits, ending in an ellipsis where that is not all of it. */
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
