/** One call on the main thread's stack; line and column count from 1. */
export interface Frame {
  readonly function: string
  readonly file: string
  readonly line: number
  readonly column: number
}
