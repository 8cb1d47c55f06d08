import type { Position } from '../tree/tree.ts'

/** A line of a unit: `Key=value` in a section. */
export interface Assignment {
  readonly at: Position
  readonly section: string
  readonly key: string
  readonly value: string
}

/** One file of a unit. The output of `systemctl cat` contains several files, one after another. */
export interface UnitFile {
  readonly path: string
  readonly assignments: readonly Assignment[]
}

/** A line of a unit that cannot be read. */
export interface BadLine {
  readonly at: Position
  readonly reason: string
}

export interface UnitFiles {
  readonly files: readonly UnitFile[]
  readonly bad: readonly BadLine[]
}

/** The line in which `systemctl cat` names the next file. */
const heading = /^# (\/\S+\.(?:service|socket|conf))$/

/**
 * The lines of a unit without comments, and with continued lines joined. Comments may also stand between
 * continued lines.
 */
export function unitFilesIn(path: string, text: string): UnitFiles {
  const lines = text.split('\n')
  const files: { path: string; assignments: Assignment[] }[] = [{ path, assignments: [] }]
  const bad: BadLine[] = []
  let section = ''
  for (let index = 0; index < lines.length; index++) {
    const first = lines[index] as string
    const [, next] = heading.exec(first) ?? []
    if (next !== undefined) files.push({ path: next, assignments: [] })
    if (isComment(first) || first.trim() === '') continue
    const at = { line: index + 1, column: first.length - first.trimStart().length + 1 }
    let whole = ''
    for (; index < lines.length; index++) {
      const line = lines[index] as string
      if (isComment(line)) continue
      whole += line.replace(/\\$/, ' ')
      if (!line.endsWith('\\')) break
    }
    const [, name] = /^\s*\[([^\]]*)\]\s*$/.exec(whole) ?? []
    const [, key, value = ''] = /^\s*([\w-]+)\s*=\s*([\s\S]*?)\s*$/.exec(whole) ?? []
    if (name !== undefined) section = name
    else if (key === undefined)
      bad.push({ at, reason: 'this line is neither a section nor `Key=value`, and systemd ignores it' })
    else if (section === '')
      bad.push({ at, reason: 'this line stands before the first section, and systemd ignores it' })
    else files.at(-1)?.assignments.push({ at, section, key, value })
  }
  return { files: files.filter(({ assignments }) => assignments.length > 0), bad }
}

function isComment(line: string): boolean {
  return /^\s*[#;]/.test(line)
}
