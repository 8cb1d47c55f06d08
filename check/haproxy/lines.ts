import { wordsOf } from '../commands/words.ts'
import type { Position } from '../tree/tree.ts'

/** A line of HAProxy's configuration. */
export interface Line {
  readonly at: Position
  readonly words: readonly string[]
}

/** A section with its lines: `backend orders`. */
export interface Section extends Line {
  readonly kind: string
  readonly name: string
  readonly lines: readonly Line[]
}

const kinds =
  /^(global|defaults|frontend|backend|listen|peers|resolvers|userlist|mailers|cache|program|ring|http-errors|fcgi-app|log-forward|crt-store|traces|crt-list)$/

export function sectionsIn(text: string): readonly Section[] {
  const sections: (Section & { readonly lines: Line[] })[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const words = wordsOf(withoutComment(line))
    const [first, name = ''] = words
    if (first === undefined) continue
    const at = { line: index + 1, column: line.length - line.trimStart().length + 1 }
    if (kinds.test(first)) sections.push({ at, words, kind: first, name, lines: [] })
    else sections.at(-1)?.lines.push({ at, words })
  }
  return sections
}

/** The line without its comment. A `#` begins a comment, unless the `#` is quoted or escaped. */
function withoutComment(line: string): string {
  return /^(?:"[^"]*"?|'[^']*'?|\\.|[^#"'\\])*/.exec(line)?.[0] ?? ''
}

/**
 * The lines of a backend, after the lines of its `defaults` section. If the backend names no such section, the last
 * `defaults` section before it counts.
 */
export function linesOf(section: Section, sections: readonly Section[]): readonly Line[] {
  const from = section.words.indexOf('from')
  const named = from === -1 ? undefined : section.words[from + 1]
  const before = sections.slice(0, sections.indexOf(section)).filter(({ kind }) => kind === 'defaults')
  const defaults = named === undefined ? before.at(-1) : before.findLast(({ name }) => name === named)
  return [
    ...(defaults === undefined ? [] : linesOf(defaults, sections.slice(0, sections.indexOf(defaults) + 1))),
    ...section.lines
  ]
}

const units: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000
}

/** A time in ms. A number without a unit is in ms. */
export function timeOf(text: string | undefined): number | undefined {
  const [, number, unit = 'ms'] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text ?? '') ?? []
  return number === undefined ? undefined : Number(number) * (units[unit] as number)
}
