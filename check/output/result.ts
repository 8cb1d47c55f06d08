import type { Finding, LeftOut } from '../findings/finding.ts'

/** What came out. */
export interface Result {
  /** In the order of the files as they were named, and of the lines in them. */
  readonly findings: readonly Finding[]
  readonly leftOut: readonly LeftOut[]
  /** The files that were checked, with what each of them is. */
  readonly checked: readonly { readonly file: string; readonly format: string }[]
  /** How many files were looked at that are none of those which can be checked. */
  readonly others: number
}

/** Whether something is wrong: a note is none of that. */
export function isWrong({ findings }: Pick<Result, 'findings'>): boolean {
  return findings.some(({ severity }) => severity !== 'note')
}
