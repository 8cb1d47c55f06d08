import type { Advice } from './site.ts'

const width = 100

/** The text, with the warnings and notes above it as comments. */
export function commented(
  { warnings, notes }: Pick<Advice, 'warnings' | 'notes'>,
  text: string,
  mark = '#'
): string {
  const remarks = [...warnings.map((warning) => `Warning: ${warning}`), ...notes]
  const lines = remarks.flatMap((remark) => wrapped(remark).map((line) => `${mark} ${line}`))
  return `${lines.join('\n')}\n\n${text}`
}

function wrapped(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line.length + word.length >= width) {
      lines.push(line)
      line = `  ${word}`
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
