/** A position in a file. Line and column count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A value of a configuration file, with its position. */
export type Tree = Mapping | Sequence | Scalar | Unknown

export interface Mapping {
  readonly kind: 'mapping'
  readonly at: Position
  readonly entries: ReadonlyMap<string, Entry>
}

/** The key of a mapping with its value. */
export interface Entry {
  /** The position of the key. */
  readonly at: Position
  readonly value: Tree
}

export interface Sequence {
  readonly kind: 'sequence'
  readonly at: Position
  readonly items: readonly Tree[]
}

export interface Scalar {
  readonly kind: 'scalar'
  readonly at: Position
  readonly value: string | number | boolean | null
}

/** A value that the file alone does not show: a variable, a call, a placeholder. */
export interface Unknown {
  readonly kind: 'unknown'
  readonly at: Position
  /** What the value depends on, in words. This is never the value itself, which may be a secret. */
  readonly why: string
}

export const start: Position = { line: 1, column: 1 }

/** The value at the end of a path of keys and indexes. A `null` counts as absent. */
export function within(tree: Tree | undefined, ...path: readonly (string | number)[]): Tree | undefined {
  let here = tree
  for (const step of path) {
    if (here === undefined) return undefined
    here =
      typeof step === 'number'
        ? itemsOf(here)[step]
        : here.kind === 'mapping'
          ? here.entries.get(step)?.value
          : undefined
  }
  return here?.kind === 'scalar' && here.value === null ? undefined : here
}

/** A key of a mapping, with its value, even if the value is `null`. */
export function entryOf(tree: Tree | undefined, key: string): Entry | undefined {
  return tree?.kind === 'mapping' ? tree.entries.get(key) : undefined
}

export function entriesOf(tree: Tree | undefined): readonly (readonly [key: string, entry: Entry])[] {
  return tree?.kind === 'mapping' ? [...tree.entries] : []
}

export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree?.kind === 'sequence' ? tree.items : []
}

/** A text, a number or a boolean as text. */
export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'scalar' && tree.value !== null ? String(tree.value) : undefined
}

export function numberOf(tree: Tree | undefined): number | undefined {
  return tree?.kind === 'scalar' && typeof tree.value === 'number' ? tree.value : undefined
}

/** A whole number, also if the file has it as a text. */
export function wholeOf(tree: Tree | undefined): number | undefined {
  const text = textOf(tree)
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** The texts of a sequence; `undefined` if the value is no sequence, or if one of its texts is unknown. */
export function textsOf(tree: Tree | undefined): readonly string[] | undefined {
  if (tree?.kind !== 'sequence') return undefined
  const texts = tree.items.map(textOf)
  return texts.every((text) => text !== undefined) ? texts : undefined
}
