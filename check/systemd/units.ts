import { fileName } from '../files/source.ts'
import type { Page } from '../findings/page.ts'
import { type Assignment, type UnitFile, unitFilesIn } from './lines.ts'

/** A line of a unit, with the page of the file that it stands in. */
export interface Line extends Assignment {
  readonly page: Page
}

/** A unit: its file and its drop-ins, in the order in which systemd reads them. */
export interface Unit {
  /** The name of the unit: `orders.service`. */
  readonly name: string
  readonly kind: 'service' | 'socket'
  readonly lines: readonly Line[]
  /** Whether only drop-ins were given. Then missing keys may be in the unit's own file. */
  readonly isPart: boolean
}

/** A file with the name of its unit. */
interface Named extends UnitFile {
  readonly page: Page
}

/** The units of all files. Reports the lines that cannot be read. */
export function unitsIn(files: readonly { readonly page: Page; readonly text: string }[]): readonly Unit[] {
  const named = files.flatMap(({ page, text }) => {
    const { files: own, bad } = unitFilesIn(page.file, text)
    for (const { at, reason } of bad) page.cannotRead(at, '', reason, 'Mend it, or make it a comment')
    return own.map((file): Named => ({ ...file, page }))
  })
  const groups = new Map<string, Named[]>()
  for (const file of named) {
    const name = unitOf(file)
    groups.set(name, [...(groups.get(name) ?? []), file])
  }
  return [...groups].map(([name, own]) => unitFrom(name, own))
}

/** The name of the unit that the file belongs to. The folder of a drop-in has the unit's name. */
function unitOf({ path, assignments }: UnitFile): string {
  const [, folder] = /([^/\\]+)\.d[/\\][^/\\]+\.conf$/.exec(path) ?? []
  if (folder !== undefined) return folder
  const name = fileName(path)
  if (/\.(service|socket)$/.test(name)) return name
  return assignments.some(({ section }) => section === 'Socket') ? `${name}.socket` : `${name}.service`
}

function unitFrom(name: string, files: readonly Named[]): Unit {
  const isDropIn = ({ path }: Named) => /\.d[/\\][^/\\]+$/.test(path)
  const dropIns = files
    .filter(isDropIn)
    .sort((one, other) => (fileName(one.path) < fileName(other.path) ? -1 : 1))
  const own = files.filter((file) => !isDropIn(file))
  return {
    name,
    kind: name.endsWith('.socket') ? 'socket' : 'service',
    lines: [...own, ...dropIns].flatMap(({ page, assignments }) =>
      assignments.map((line) => ({ ...line, page }))
    ),
    isPart: own.length === 0
  }
}

/** The line that sets the final value of a key. An empty value removes the values before it. */
export function lastOf({ lines }: Unit, section: string, ...keys: readonly string[]): Line | undefined {
  const last = lines.findLast((line) => line.section === section && keys.includes(line.key))
  return last?.value === '' ? undefined : last
}

/** All lines that set a key. An empty value removes the values before it. */
export function allOf({ lines }: Unit, section: string, key: string): readonly Line[] {
  const own = lines.filter((line) => line.section === section && line.key === key)
  return own.slice(own.findLastIndex(({ value }) => value === '') + 1)
}

export function isYes(line: Line | undefined): boolean {
  return line !== undefined && /^(1|yes|y|true|t|on)$/i.test(line.value)
}

export function isNo(line: Line | undefined): boolean {
  return line !== undefined && /^(0|no|n|false|f|off)$/i.test(line.value)
}
