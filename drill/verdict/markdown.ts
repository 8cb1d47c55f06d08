import { pageOf } from '../findings/finding.ts'
import { countedFindings, type Run } from '../result.ts'
import { headline } from './headline.ts'
import { factRows, requestRows } from './rows.ts'

/** The verdict as Markdown: for the summary of a job, or a comment. */
export function verdictMarkdown(command: string, runs: readonly Run[]): string {
  const findings = countedFindings(runs)
  const isGood = findings.every(({ finding }) => finding.severity === 'note')
  const { signal } = (runs[0] as Run).seen
  const requests = requestRows(runs).map((row) => `| ${row.join(' | ')} |`)
  const facts =
    runs.length === 1 ? factRows(runs[0] as Run).map(([name, text]) => `- ${name}: ${escaped(text)}`) : []
  const found = findings.map(({ finding, runs: times }) => {
    const { severity, title, why, remedy } = finding
    const rounds = runs.length > 1 ? ` (in ${times} of ${runs.length} runs)` : ''
    const [text = '', ...log] = why.split('\n')
    const quoted = log.length > 0 ? `\n  \`\`\`text\n${log.join('\n')}\n  \`\`\`` : ''
    const mark = severity === 'fault' ? '❌' : 'ℹ️'
    return `- ${mark} **${escaped(title)}**${rounds} ([more](${pageOf(finding)}))\n  ${escaped(text)}${quoted}\n  → ${escaped(remedy)}`
  })
  return `${[
    `### ${isGood ? '✅' : '❌'} Shutdown drill`,
    `\`${command.replaceAll('`', "'")}\``,
    headline(runs),
    [`| requests | before | at ${signal} | after |`, '|---|---:|---:|---:|', ...requests].join('\n'),
    facts.join('\n'),
    found.join('\n')
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`
}

function escaped(text: string): string {
  return text.replaceAll(/[<>|]/g, (character) => `\\${character}`)
}
