import type { Conflict } from '../../deployment/conflict.ts'

/** A conflict, with where it stands. */
export interface Finding extends Conflict {
  /** The file, as it was named; `-` is what came from the standard input. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** Whose it is: `Deployment orders, container app`. */
  readonly subject: string
}

/** What is deployed and is none of the app: a database, a proxy, a job. */
export interface LeftOut {
  readonly file: string
  readonly line: number
  readonly subject: string
  readonly why: string
}
