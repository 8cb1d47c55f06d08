import type { Screen } from '../../command/terminal.ts'
import { pageOf } from '../findings/finding.ts'
import { type Counted, countedFindings, type Run } from '../result.ts'
import { headline } from './headline.ts'
import { factRows, requestRows } from './rows.ts'

const widest = 100

/** The verdict for a terminal. */
export function verdictText(runs: readonly Run[], screen: Screen, timeline: string | undefined): string {
  const findings = countedFindings(runs)
  const isGood = findings.every(({ finding }) => finding.severity === 'note')
  const mark = isGood ? screen.paint('green', '✓') : screen.paint('red', '✗')
  const head = `${mark} ${screen.paint('bold', headline(runs))}`
  const parts = [head, table(runs)]
  if (runs.length === 1) parts.push(facts(runs[0] as Run))
  if (timeline !== undefined) parts.push(timeline)
  parts.push(...findings.map((counted) => paragraph(counted, runs.length, screen)))
  return `\n${parts.join('\n\n')}\n`
}

function table(runs: readonly Run[]): string {
  const { signal } = (runs[0] as Run).seen
  const rows = [
    ['requests', 'before', `at ${signal}`, 'after'],
    ...requestRows(runs).map((row) => row.map(String))
  ]
  return rows
    .map(
      ([name = '', ...numbers]) =>
        `  ${name.padEnd(26)}${numbers.map((number) => number.padStart(11)).join('')}`
    )
    .join('\n')
}

function facts(run: Run): string {
  return factRows(run)
    .map(([name, text]) => `  ${name.padEnd(14)}${text}`)
    .join('\n')
}

function paragraph({ finding, runs }: Counted, all: number, screen: Screen): string {
  const isFault = finding.severity === 'fault'
  const mark = isFault ? screen.paint('red', '✗') : screen.paint('yellow', '•')
  const times = all > 1 ? ` (in ${runs} of ${all} runs)` : ''
  const lines = [
    `${mark} ${screen.paint('bold', `${finding.title}${times}`)}`,
    ...wrapped(finding.why, screen),
    ...wrapped(`→ ${finding.remedy}`, screen)
  ]
  if (isFault) lines.push(`  ${screen.paint('dim', pageOf(finding))}`)
  return lines.join('\n')
}

/** Breaks a text into lines that fit, indented by two. A log line that is too long stays as it is. */
function wrapped(text: string, { columns }: Screen): string[] {
  const width = Math.min(columns, widest) - 2
  return text.split('\n').flatMap((line) => (line.startsWith('  ') ? [`  ${line}`] : wrap(line, width)))
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(`  ${line}`)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, `  ${line}`]
}
