import type { Format } from '../../check/files/formats.ts'
import { plainText } from '../../check/files/source.ts'
import type { Finding } from '../../check/findings/finding.ts'
import type { Result } from '../../check/output/result.ts'
import { checkAll } from '../../check/run.ts'
import type { LifecycleOptions } from '../../index.ts'

/** How to check. */
export interface How {
  readonly options?: LifecycleOptions
  readonly port?: number
  readonly apps?: readonly string[]
  readonly format?: Format
  readonly ignored?: readonly string[]
  /** Files that stand beside those that are checked. */
  readonly beside?: Readonly<Record<string, string>>
  /** Whether only the folder was named that they are in. */
  readonly inFolder?: boolean
}

/** Checks files by name. */
export function checkFiles(files: Readonly<Record<string, string>>, how: How = {}): Result {
  const { options = {}, port, apps = [], format, ignored = [], beside = {}, inFolder = false } = how
  const sources = Object.entries(files).map(([name, text]) => ({
    name,
    text: plainText(text),
    isNamed: !inFolder
  }))
  const read = (path: string) => beside[path] ?? files[path]
  return checkAll({ sources, unread: [] }, { app: { options, port, names: apps }, format, ignored, read })
}

/** What is said, short: the line, the rule, and the severity. */
export function said({ findings }: Pick<Result, 'findings'>): readonly string[] {
  return findings.map(({ line, rule, severity }) => `${line} ${rule} ${severity}`)
}

/** What is said of one file, by rule. */
export function findingsOf(result: Result, rule: string): readonly Finding[] {
  return result.findings.filter((finding) => finding.rule === rule)
}
