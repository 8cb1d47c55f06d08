import { nameReason } from '../lib/reason.ts'
import type { Report, ShutdownOutcome } from '../lib/report.ts'
import { factLines } from './facts.ts'
import { milliseconds } from './milliseconds.ts'
import type { Canvas } from './options.ts'

const outcomes: Readonly<Record<ShutdownOutcome, string>> = {
  clean: '✓ shutdown clean',
  failed: '✗ shutdown failed',
  deadline: '✗ shutdown cut off by its deadline',
  abandoned: '✗ shutdown abandoned'
}

/** How the shutdown ended, why it began, how long it took and what the process exits with. */
export function headline(report: Report, canvas: Canvas): string[] {
  const { outcome, reason, duration, deadline, exitCode } = report
  const tone = outcome === 'clean' ? 'good' : 'bad'
  return factLines(
    [
      { text: outcomes[outcome], tone },
      { text: nameReason(reason), tone: 'title' },
      { text: `${milliseconds(duration)} of ${milliseconds(deadline)} ms`, tone: 'plain' },
      { text: `exit code ${exitCode}`, tone: exitCode === 0 ? 'plain' : 'bad' }
    ],
    canvas
  )
}
