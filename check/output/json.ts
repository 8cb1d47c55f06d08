import type { Result } from './result.ts'

/** The result of a check, for a program. */
export function jsonOf({ findings, leftOut, checked, others }: Result): string {
  return `${JSON.stringify({ version: 1, findings, leftOut, checked, others }, null, 2)}\n`
}
