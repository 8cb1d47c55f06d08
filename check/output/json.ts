import type { Result } from './result.ts'

/** What came out, for a program. */
export function jsonOf({ findings, leftOut, checked, others }: Result): string {
  return `${JSON.stringify({ version: 1, findings, leftOut, checked, others }, null, 2)}\n`
}
