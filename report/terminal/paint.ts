import { styleText } from 'node:util'
import type { Piece, Tone } from '../line.ts'

/** Gives a piece of text the colour of its tone. */
export type Paint = (piece: Piece) => string

// Only colours that light and dark terminals both show well: no yellow, no blue, no white, no background.
const styles = {
  title: 'bold',
  phase: 'cyan',
  good: 'green',
  bad: 'red',
  quiet: 'dim',
  plain: undefined
} as const satisfies Record<Tone, unknown>

export function paintWith(color: boolean): Paint {
  if (!color) return ({ text }) => text
  return ({ tone, text }) => {
    const style = styles[tone]
    if (style === undefined || text === '') return text
    return styleText(style, text, { validateStream: false })
  }
}
