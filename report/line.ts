/** The meaning of a piece of text or of a bar. The meaning decides the colour. */
export type Tone = 'title' | 'phase' | 'good' | 'bad' | 'quiet' | 'plain'

/** A part of a line that has one tone. */
export interface Piece {
  readonly tone: Tone
  readonly text: string
}

/** A line of text, short enough for the drawing. */
export interface Line {
  /** How many columns stay empty before it. */
  readonly indent: number
  readonly pieces: readonly Piece[]
  /** The whole text, even if there is no room for it. */
  readonly full: string
}

/** The text that a line shows. */
export function textOf({ pieces }: Line): string {
  return pieces.map(({ text }) => text).join('')
}
