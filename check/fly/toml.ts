import { parse, TomlDate, TomlError } from 'smol-toml'
import { type Entry, type Position, start, type Tree } from '../tree/tree.ts'

/** A TOML file as a tree, or the error in it. */
export type Toml =
  | { readonly tree: Tree; readonly unread?: undefined }
  | { readonly tree?: undefined; readonly unread: { readonly at: Position; readonly reason: string } }

export function tomlIn(text: string): Toml {
  try {
    return { tree: treeOf(parse(text), [], placesIn(text), start) }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [, reason = 'it is no TOML'] = /^Invalid TOML document: (.*)$/m.exec(error.message) ?? []
    return { unread: { at: { line: error.line, column: error.column }, reason } }
  }
}

/** The position of each key, by its path. The library does not provide positions. */
function placesIn(text: string): ReadonlyMap<string, Position> {
  const places = new Map<string, Position>()
  const counts = new Map<string, number>()
  let table: readonly string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const at = { line: index + 1, column: line.length - line.trimStart().length + 1 }
    const [, double, header] = /^\s*(\[\[|\[)\s*([^\]]+?)\s*\]/.exec(line) ?? []
    const [, key] =
      /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(line) ?? []
    if (header !== undefined) {
      const names = namesOf(header)
      table = []
      for (const [step, name] of names.entries()) {
        table = [...table, name]
        const path = table.join('\0')
        if (double === '[[' && step === names.length - 1) counts.set(path, (counts.get(path) ?? -1) + 1)
        const number = counts.get(path)
        if (number !== undefined) table = [...table, String(number)]
      }
      places.set(table.join('\0'), at)
    } else if (key !== undefined) {
      const path = [...table, ...namesOf(key)].join('\0')
      if (!places.has(path)) places.set(path, at)
    }
  }
  return places
}

function namesOf(dotted: string): readonly string[] {
  return (dotted.match(/[\w-]+|"[^"]*"|'[^']*'/g) ?? []).map((name) => name.replaceAll(/^["']|["']$/g, ''))
}

function treeOf(
  value: unknown,
  path: readonly string[],
  places: ReadonlyMap<string, Position>,
  above: Position
): Tree {
  const at = places.get(path.join('\0')) ?? above
  if (Array.isArray(value)) {
    return {
      kind: 'sequence',
      at,
      items: value.map((item, index) => treeOf(item, [...path, String(index)], places, at))
    }
  }
  if (value instanceof TomlDate) return { kind: 'unknown', at, why: 'it is a time' }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]): [string, Entry] => {
      const tree = treeOf(inner, [...path, key], places, at)
      return [key, { at: tree.at, value: tree }]
    })
    return { kind: 'mapping', at, entries: new Map(entries) }
  }
  return {
    kind: 'scalar',
    at,
    value: typeof value === 'bigint' ? Number(value) : (value as string | number | boolean)
  }
}
