/**
 * How bad it is: `'error'` where requests are lost or the app is killed, `'warning'` where that may happen,
 * `'note'` for what is worth knowing.
 */
export type Severity = 'error' | 'warning' | 'note'

/** One thing that does not agree. */
export interface Conflict {
  /** The name of the rule, which stays the same. */
  readonly rule: string
  readonly severity: Severity
  /** What is. */
  readonly is: string
  /** What follows at the next deployment. */
  readonly follows: string
  /** What to write instead. */
  readonly write: string
}

/** A conflict as one text. */
export function sentenceOf({ is, follows, write }: Conflict): string {
  return `${is}: ${follows}. ${write}.`
}
