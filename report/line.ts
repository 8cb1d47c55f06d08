/** What a piece of text or a bar means; the colours follow from it. */
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
  /** All that it would say if there were room. */
  readonly full: string
}

/** What a line shows. */
export function textOf({ pieces }: Line): string {
  return pieces.map(({ text }) => text).join('')
}
