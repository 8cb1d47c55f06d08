import type { Position } from '../tree/tree.ts'

/** One instruction of a Dockerfile, with its continued lines joined. */
export interface Instruction {
  readonly at: Position
  /** In capitals. */
  readonly name: string
  readonly text: string
  /** The texts of its heredocs, by their delimiters. */
  readonly heredocs: ReadonlyMap<string, string>
}

const takesHeredocs = /^(ONBUILD\s+)?(RUN|COPY|ADD)\b/i
const heredoc = /^\d*<<(-?)(["']?)([A-Za-z_][\w.-]*)\2$/

/** The instructions of a Dockerfile. Comments, continued lines and heredocs are read as in BuildKit. */
export function instructionsIn(text: string): readonly Instruction[] {
  const lines = text.split('\n')
  const continued = continuation(lines)
  const found: Instruction[] = []
  for (let index = 0; index < lines.length; index++) {
    const first = lines[index] as string
    if (isEmpty(first)) continue
    const at = { line: index + 1, column: first.length - first.trimStart().length + 1 }
    let whole = ''
    for (; index < lines.length; index++) {
      const line = lines[index] as string
      // Comments and empty lines stand between continued lines without ending them.
      if (isEmpty(line)) continue
      whole += line.replace(continued, '')
      if (!continued.test(line)) break
    }
    if (whole.trim() === '') continue
    const heredocs = new Map<string, string>()
    for (const { delimiter, stripsTabs } of heredocsIn(whole)) {
      const body: string[] = []
      for (index++; index < lines.length; index++) {
        const line = stripsTabs ? (lines[index] as string).replace(/^\t+/, '') : (lines[index] as string)
        if (line === delimiter) break
        body.push(line)
      }
      heredocs.set(delimiter, body.join('\n'))
    }
    const [, name = '', rest = ''] = /^\s*(\S+)\s*([\s\S]*)$/.exec(whole) as RegExpExecArray
    found.push({ at, name: name.toUpperCase(), text: rest.trim(), heredocs })
  }
  return found
}

function isEmpty(line: string): boolean {
  return /^\s*(#|$)/.test(line)
}

/**
 * Matches the character that continues a line: a backslash, or the character of the `escape` directive at the
 * top of the file.
 */
function continuation(lines: readonly string[]): RegExp {
  for (const line of lines) {
    const directive = /^\s*#\s*(\w+)\s*=\s*(\S*)\s*$/.exec(line)
    if (directive === null) break
    if (directive[1]?.toLowerCase() === 'escape' && directive[2] === '`') return /`[ \t]*$/
  }
  return /\\[ \t]*$/
}

function heredocsIn(line: string): readonly { delimiter: string; stripsTabs: boolean }[] {
  if (!takesHeredocs.test(line.trim())) return []
  return line.split(/\s+/).flatMap((word) => {
    const match = heredoc.exec(word)
    return match === null ? [] : [{ delimiter: match[3] as string, stripsTabs: match[1] === '-' }]
  })
}
