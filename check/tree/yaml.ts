import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  type YAMLMap
} from 'yaml'
import { type Entry, type Position, start, type Tree } from './tree.ts'

/** A part of a file that cannot be read, and its position. */
export interface Unreadable {
  readonly at: Position
  readonly reason: string
}

/** The documents of a YAML or JSON file without the empty ones, and the parts that cannot be read. */
export interface Documents {
  readonly trees: readonly Tree[]
  readonly unreadable: readonly Unreadable[]
  /**
   * The position of a template action `{{ … }}`, if the file is a template. YAML would read the action as a
   * mapping.
   */
  readonly template: Position | undefined
}

/** The deepest nesting that is read, also through aliases. Deeper nesting looks like an attack. */
const deepest = 200

/** Reads a YAML text with any number of documents. JSON is YAML, too. */
export function documentsIn(text: string): Documents {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
    uniqueKeys: true
  })
  const trees: Tree[] = []
  const unreadable: Unreadable[] = []
  let template: Position | undefined
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const [error] = document.errors
    if (error !== undefined) {
      unreadable.push({ at: positionAt(lines, error.pos[0]), reason: firstLine(error.message) })
    } else if (document.contents !== null) {
      const reader = new Reader(lines)
      const tree = reader.treeOf(document.contents)
      template ??= reader.template
      if (tree.kind !== 'scalar' || tree.value !== null) trees.push(tree)
    }
  }
  if (unreadable.length > 0) template ??= bracesIn(text)
  return { trees, unreadable, template }
}

/** The position of a template action outside of a quoted text or a comment. */
function bracesIn(text: string): Position | undefined {
  for (const [index, line] of text.split('\n').entries()) {
    const bare = line.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'|(^|\s)#.*$/g, (quoted) =>
      ' '.repeat(quoted.length)
    )
    const column = bare.indexOf('{{')
    if (column !== -1) return { line: index + 1, column: column + 1 }
  }
  return undefined
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] as string
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return line === 0 ? start : { line, column: col }
}

/** Makes a tree of a document. A node that several aliases stand for is made once. */
class Reader {
  readonly #anchors = new Map<string, Node>()
  readonly #made = new Map<Node, Tree>()
  readonly #underway = new Set<Node>()
  template: Position | undefined
  readonly #lines: LineCounter

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  treeOf(node: Node | null | undefined, depth = 0): Tree {
    if (node === null || node === undefined) return { kind: 'scalar', at: start, value: null }
    const made = this.#made.get(node)
    if (made !== undefined) return made
    if (!isAlias(node) && node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    if (this.#underway.has(node) || depth > deepest) {
      return { kind: 'unknown', at: this.#at(node), why: 'it contains itself, or is nested too deep' }
    }
    this.#underway.add(node)
    const tree = this.#make(node, depth)
    this.#underway.delete(node)
    this.#made.set(node, tree)
    return tree
  }

  #make(node: Node, depth: number): Tree {
    const at = this.#at(node)
    if (isAlias(node)) return this.#standsFor(node, at, depth)
    if (isMap(node) && node.flow && node.items.some(({ key }) => isMap(key))) {
      this.template ??= at
      return { kind: 'unknown', at, why: 'a template decides it' }
    }
    if (isMap(node)) return { kind: 'mapping', at, entries: this.#entriesOf(node, depth) }
    if (isSeq(node)) {
      return { kind: 'sequence', at, items: node.items.map((item) => this.treeOf(item as Node, depth + 1)) }
    }
    if (!isScalar(node)) return { kind: 'unknown', at, why: 'it is no plain value' }
    if (node.tag?.startsWith('!')) return { kind: 'unknown', at, why: `the tag ${node.tag} decides it` }
    const { value } = node
    if (typeof value === 'bigint') return { kind: 'scalar', at, value: Number(value) }
    if (typeof value === 'string' && value.includes('{{') && value.includes('}}')) {
      return { kind: 'unknown', at, why: 'a template decides it' }
    }
    const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value)
    return isPlain
      ? { kind: 'scalar', at, value: value as string | number | boolean | null }
      : { kind: 'unknown', at, why: 'it is no plain value' }
  }

  /** The tree of an alias. It stands for the last node before it that has the anchor. */
  #standsFor({ source }: Alias, at: Position, depth: number): Tree {
    const node = this.#anchors.get(source)
    return node === undefined
      ? { kind: 'unknown', at, why: `nothing has the anchor ${source}` }
      : this.treeOf(node, depth + 1)
  }

  /** The entries of a mapping. Its own entries win over the entries that `<<` merges in. */
  #entriesOf(map: YAMLMap, depth: number): ReadonlyMap<string, Entry> {
    const own = new Map<string, Entry>()
    const merged: Tree[] = []
    for (const { key, value } of map.items) {
      const name = this.treeOf(key as Node, depth + 1)
      const entry = { at: this.#at(key as ParsedNode), value: this.treeOf(value as Node | null, depth + 1) }
      if (name.kind !== 'scalar') continue
      if (name.value === '<<') merged.push(entry.value)
      else own.set(String(name.value), entry)
    }
    const sources = merged.flatMap((tree) => (tree.kind === 'sequence' ? tree.items : [tree]))
    for (const source of sources) {
      if (source.kind !== 'mapping') continue
      for (const [name, entry] of source.entries) if (!own.has(name)) own.set(name, entry)
    }
    return own
  }

  #at(node: Node): Position {
    return positionAt(this.#lines, node.range?.[0] ?? 0)
  }
}
