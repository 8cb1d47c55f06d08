import type { Conflict } from '../../deployment/conflict.ts'

/** A conflict with its position. */
export interface Finding extends Conflict {
  /** The name of the file, as the user gave it; `-` is the standard input. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** What the conflict belongs to: `Deployment orders, container app`. */
  readonly subject: string
}

/** Something that is deployed but is not the app: a database, a proxy, a job. */
export interface LeftOut {
  readonly file: string
  readonly line: number
  readonly subject: string
  readonly why: string
}
