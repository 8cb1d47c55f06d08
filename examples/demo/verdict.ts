import { styleText } from 'node:util'
import type { Exit } from './child.ts'
import type { Tally } from './messages.ts'

/** So many losses are described one by one. */
const shownLosses = 20

/** What the demo has seen. */
export interface Findings {
  readonly tally: Tally
  readonly exit: Exit
  /** When SIGTERM was sent. */
  readonly signalled: number
}

/** Whether the demo has shown what it is there to show. */
export function isProved({ tally, exit }: Findings): boolean {
  const { sent, served, rejected, lost } = tally
  return exit.code === 0 && lost.length === 0 && served > 0 && sent === served + rejected
}

/** The findings in words. */
export function verdict(findings: Findings): string {
  const { tally, exit, signalled } = findings
  const { sent, served, rejected, refused, lost } = tally
  const column = (count: number) => String(count).padStart(String(sent).length + 2)
  return [
    `${column(sent)} requests were sent before, during and after SIGTERM:`,
    `${column(served)} were answered 200`,
    `${column(rejected)} were answered 503, and may be sent again`,
    `${column(lost.length)} were lost`,
    '',
    `A further ${refused} attempts to connect were refused, so that nothing was sent.`,
    `From SIGTERM to the exit it took ${Math.round(exit.at - signalled)} ms, and the exit code was ${exit.code ?? exit.signal}.`,
    '',
    ...conclusion(findings)
  ].join('\n')
}

function conclusion(findings: Findings): string[] {
  if (isProved(findings)) return [styleText('green', 'Nothing was lost.')]
  const { lost, served } = findings.tally
  if (lost.length > 0) return [styleText('red', 'Lost:'), ...list(lost)]
  if (served === 0) return ['Nothing was proved: no request was served.']
  return ['Nothing was lost, but the app did not exit with 0.']
}

function list(lost: readonly string[]): string[] {
  const shown = lost.slice(0, shownLosses).map((what) => `  ${what}`)
  return lost.length > shownLosses ? [...shown, `  and ${lost.length - shownLosses} more`] : shown
}
