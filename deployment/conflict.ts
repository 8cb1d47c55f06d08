/**
 * How bad a conflict is. `'error'`: requests are lost, or the app is killed. `'warning'`: this may happen.
 * `'note'`: nothing is wrong, but the user should know it.
 */
export type Severity = 'error' | 'warning' | 'note'

/** A broken rule: something in the settings of the platform that does not fit the app. */
export interface Conflict {
  /** The name of the broken rule. It never changes, because people write it into their configuration. */
  readonly rule: string
  readonly severity: Severity
  /** The fact that breaks the rule. */
  readonly is: string
  /** The consequence at the next deployment. */
  readonly follows: string
  /** The advice for the user. */
  readonly write: string
}

/** The text of a warning: the conflict, its consequence, and the change that solves it. */
export function sentenceOf({ is, follows, write }: Conflict): string {
  return `${is}: ${follows}. ${write}.`
}
