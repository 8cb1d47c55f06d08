import { nameReason } from '../lib/reason.ts'
import type { Report, ShutdownOutcome } from '../lib/report.ts'
import { factLines } from './facts.ts'
import type { Line } from './line.ts'
import { milliseconds } from './milliseconds.ts'

const outcomes: Readonly<Record<ShutdownOutcome, string>> = {
  clean: '✓ shutdown clean',
  failed: '✗ shutdown failed',
  deadline: '✗ shutdown cut off by its deadline',
  abandoned: '✗ shutdown abandoned'
}

/** How the shutdown ended, why it began, how long it took and what the process exits with. */
export function headline(report: Report, width: number): Line[] {
  const { outcome, reason, duration, deadline, budgetUsed, exitCode } = report
  const time = `${milliseconds(duration)} of ${milliseconds(deadline)} ms (${Math.round(100 * budgetUsed)} %)`
  return factLines(
    [
      { text: outcomes[outcome], tone: outcome === 'clean' ? 'good' : 'bad' },
      { text: nameReason(reason), tone: 'title' },
      { text: time, tone: 'plain' },
      { text: `exit code ${exitCode}`, tone: exitCode === 0 ? 'plain' : 'bad' }
    ],
    width
  )
}
