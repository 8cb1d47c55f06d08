import type { HookOutcome } from '../lib/report/report.ts'

/** One character for each way in which a hook can end. */
export const marks: Readonly<Record<HookOutcome, string>> = {
  ok: '✓',
  error: '✗',
  timeout: '!',
  unfinished: '»',
  unstarted: '·'
}

/** The mark of a hook that ran although a hook before it had failed. */
export const despiteMark = '↳'
