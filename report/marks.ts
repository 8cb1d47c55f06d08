import type { HookOutcome } from '../lib/report/report.ts'

/** One character says how a hook ended. */
export const marks: Readonly<Record<HookOutcome, string>> = {
  ok: '✓',
  error: '✗',
  timeout: '!',
  unfinished: '»',
  unstarted: '·'
}

/** The mark of what ran, but not after what it should have. */
export const despiteMark = '↳'
