import type { Finding, LeftOut } from '../findings/finding.ts'

/** The result of a check. */
export interface Result {
  /** In the order in which the user named the files, and then in the order of the lines. */
  readonly findings: readonly Finding[]
  readonly leftOut: readonly LeftOut[]
  /** The files that were checked, with the format of each. */
  readonly checked: readonly { readonly file: string; readonly format: string }[]
  /** The number of files that were read, but have none of the formats. */
  readonly others: number
}

/** Whether something is wrong. A note does not count. */
export function isWrong({ findings }: Pick<Result, 'findings'>): boolean {
  return findings.some(({ severity }) => severity !== 'note')
}
