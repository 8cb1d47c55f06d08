import type { Look, Screen } from '../../command/terminal.ts'
import type { Severity } from '../../deployment/conflict.ts'
import type { Finding } from '../findings/finding.ts'
import { groupsOf } from './groups.ts'
import type { Result } from './result.ts'

const looks: Readonly<Record<Severity, Look>> = { error: 'red', warning: 'yellow', note: 'cyan' }

/** The result of a check, for a person. */
export function textOf(result: Result, screen: Screen): string {
  const { findings, checked } = result
  if (checked.length === 0 && findings.length === 0) return `${nothingThere(result)}\n`
  const blocks = groupsOf(findings, ({ file }) => file).map(([file, own]) =>
    [screen.paint('underline', nameOf(file)), ...own.map((finding) => lineOf(finding, screen))].join('\n')
  )
  return `${[...blocks, ...closing(result, screen)].join('\n\n')}\n`
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file
}

function lineOf(finding: Finding, screen: Screen): string {
  const { line, column, severity, rule, subject, is, follows, write } = finding
  const head = `  ${screen.paint('bold', `${line}:${column}`)}  ${screen.paint(looks[severity], severity)}  ${screen.paint('dim', `${rule}  ${subject}`.trimEnd())}`
  const parts = [`${is}.`, `Then: ${follows}.`, `${write}${write.endsWith('?') ? '' : '.'}`]
  return [head, ...parts.flatMap((part) => wrapped(part, Math.min(screen.columns, 120) - 8))].join('\n')
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= width) {
      lines.push(line)
      line = `  ${word}`
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((each) => `      ${each}`)
}

function closing(result: Result, screen: Screen): string[] {
  const { findings, leftOut, checked } = result
  const counts = (['error', 'warning', 'note'] as const)
    .map((severity) => ({ severity, count: findings.filter((each) => each.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => screen.paint(looks[severity], plural(count, severity)))
  const files = plural(checked.length, 'file')
  const summary =
    counts.length === 0
      ? `${screen.paint('green', 'Nothing is wrong')} in ${files}: ${formatsOf(result)}.`
      : `${counts.join(', ')} in ${files}: ${formatsOf(result)}.`
  return [...(leftOut.length === 0 ? [] : [leftOutText(result)]), summary]
}

function formatsOf({ checked }: Result): string {
  const formats = groupsOf(checked, ({ format }) => format)
  return formats.length === 0
    ? 'none could be read'
    : formats.map(([format, files]) => `${files.length} ${format}`).join(', ')
}

function leftOutText({ leftOut }: Result): string {
  const lines = leftOut.map(({ file, line, subject, why }) => `  ${nameOf(file)}:${line}  ${subject}: ${why}`)
  return ['Left out, because it is not the app; name the app with --app if it is:', ...lines].join('\n')
}

function nothingThere({ others }: Result): string {
  const seen = others === 0 ? 'no file' : `none of ${plural(others, 'file')}`
  return `There is nothing to check: ${seen} is a manifest or another configuration that is known.`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
