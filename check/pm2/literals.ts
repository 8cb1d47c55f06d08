import type { Entry, Position, Tree } from '../tree/tree.ts'

/** The deepest nesting of values that is read. Real files are not deeper. */
const deepest = 60

const space = /\s*/y
const word = /[A-Za-z_$][\w$]*/y
const number = /\d[\d_]*(?:\.\d+)?(?:e\d+)?/iy

/**
 * Reads values of JavaScript without running the code: objects, lists, texts, numbers, products of numbers, and
 * constants of the same file with such values. Everything else is unknown.
 */
export class Literals {
  readonly #text: string
  readonly #lineStarts: readonly number[]
  #index = 0
  #depth = 0

  constructor(text: string) {
    this.#text = withoutComments(text)
    this.#lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  }

  /** The value that begins at this place of the text. */
  valueAt(index: number): Tree {
    this.#index = index
    return this.#value()
  }

  at(index: number): Position {
    const line = this.#lineStarts.findLastIndex((start) => start <= index)
    return { line: line + 1, column: index - (this.#lineStarts[line] as number) + 1 }
  }

  /**
   * The list that is the value of this key. In the short form `{ apps }`, it is the value of the constant with
   * that name.
   */
  listOf(key: string): Tree | undefined {
    const pattern = new RegExp(`(?<![\\w$.])["']?${key}["']?\\s*(?::|(?=[,}]))`, 'g')
    for (const { 0: found, index } of this.#text.matchAll(pattern)) {
      if (/\b(const|let|var)\s+$/.test(this.#text.slice(Math.max(0, index - 20), index))) continue
      const value = found.endsWith(':') ? this.valueAt(index + found.length) : this.constant(key)
      if (value?.kind === 'sequence') return value
    }
    return undefined
  }

  /** The first position of a word. */
  placeOf(key: string): Position {
    return this.at(Math.max(0, this.#text.search(new RegExp(`\\b${key}\\b`))))
  }

  /** The value of a constant; unknown if there is no such constant, or if its value contains itself. */
  constant(name: string): Tree | undefined {
    const found = new RegExp(
      `\\b(?:const|let|var)\\s+${name.replaceAll('$', '\\$')}\\s*(?::[^=]*)?=(?!=)`
    ).exec(this.#text)
    if (found === null || this.#depth > deepest) return undefined
    const [index, depth] = [this.#index, this.#depth]
    this.#depth = depth + 1
    const value = this.valueAt(found.index + found[0].length)
    ;[this.#index, this.#depth] = [index, depth]
    return value
  }

  /** A product of values: `30 * seconds`. */
  #value(): Tree {
    this.#skip(space)
    const begin = this.#index
    const at = this.at(begin)
    let tree = this.#depth > deepest ? unknown(at) : this.#single(at)
    for (this.#skip(space); this.#text[this.#index] === '*'; this.#skip(space)) {
      this.#index++
      this.#skip(space)
      tree = product(at, tree, this.#single(at))
    }
    if (this.#index > begin && this.#isOver()) return tree
    this.#leave()
    return unknown(at)
  }

  #single(at: Position): Tree {
    const character = this.#text[this.#index] ?? ''
    if (character === '{') return this.#object(at)
    if (character === '[') return this.#list(at)
    if (character === "'" || character === '"' || character === '`') return this.#quoted(at, character)
    const digits = this.#skip(number)
    if (digits !== '') return { kind: 'scalar', at, value: Number(digits.replaceAll('_', '')) }
    const name = this.#skip(word)
    if (name === 'true' || name === 'false') return { kind: 'scalar', at, value: name === 'true' }
    if (name === 'null' || name === 'undefined') return { kind: 'scalar', at, value: null }
    const value = name === '' || !this.#isOver('*') ? undefined : this.constant(name)
    return value ?? unknown(at)
  }

  #object(at: Position): Tree {
    const entries = new Map<string, Entry>()
    this.#depth++
    this.#index++
    for (this.#skip(space); this.#goesOn('}'); this.#skip(space)) {
      const begin = this.#index
      const place = this.at(begin)
      const key = this.#key()
      this.#skip(space)
      if (key !== undefined && this.#text[this.#index] === ':') {
        this.#index++
        entries.set(key, { at: place, value: this.#value() })
      } else {
        // Skips a spread, a method, or a computed key.
        if (key !== undefined && this.#isOver())
          entries.set(key, { at: place, value: this.constant(key) ?? unknown(place) })
        this.#leave()
      }
      if (this.#text[this.#index] === ',' || this.#index === begin) this.#index++
    }
    this.#index++
    this.#depth--
    return { kind: 'mapping', at, entries }
  }

  #key(): string | undefined {
    const character = this.#text[this.#index] ?? ''
    if (character !== "'" && character !== '"') return this.#skip(word) || undefined
    const tree = this.#quoted(this.at(this.#index), character)
    return tree.kind === 'scalar' ? String(tree.value) : undefined
  }

  #list(at: Position): Tree {
    const items: Tree[] = []
    this.#depth++
    this.#index++
    for (this.#skip(space); this.#goesOn(']'); this.#skip(space)) {
      const begin = this.#index
      items.push(this.#value())
      if (this.#text[this.#index] === ',' || this.#index === begin) this.#index++
    }
    this.#index++
    this.#depth--
    return { kind: 'sequence', at, items }
  }

  #quoted(at: Position, quote: string): Tree {
    let value = ''
    for (this.#index++; this.#index < this.#text.length && this.#text[this.#index] !== quote; this.#index++) {
      if (this.#text[this.#index] === '\\') this.#index++
      value += this.#text[this.#index] ?? ''
    }
    this.#index++
    return quote === '`' && value.includes('${') ? unknown(at) : { kind: 'scalar', at, value }
  }

  #goesOn(end: string): boolean {
    return this.#index < this.#text.length && this.#text[this.#index] !== end
  }

  /** Whether the value ends here. */
  #isOver(or = ''): boolean {
    this.#skip(space)
    const character = this.#text[this.#index] ?? ';'
    if (/[,}\];)]/.test(character) || character === or) return true
    // Without a semicolon, a value ends with its line. In TypeScript, a type may follow.
    return (
      this.#depth === 0 ||
      /\n\s*$/.test(this.#text.slice(0, this.#index)) ||
      /^(as|satisfies)\b/.test(this.#text.slice(this.#index, this.#index + 9))
    )
  }

  /** Skips to the end of a value that cannot be read. */
  #leave(): void {
    let depth = 0
    for (; this.#index < this.#text.length; this.#index++) {
      const character = this.#text[this.#index] as string
      if (depth === 0 && /[,}\];)]/.test(character)) return
      if (/[{[(]/.test(character)) depth++
      if (/[}\])]/.test(character)) depth--
      if (/['"`]/.test(character)) {
        this.#quoted(this.at(this.#index), character)
        this.#index--
      }
    }
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#index
    const [found = ''] = pattern.exec(this.#text) ?? []
    this.#index += found.length
    return found
  }
}

/** The text with blanks in place of its comments, so that all positions stay the same. */
function withoutComments(text: string): string {
  const pattern =
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
  return text.replaceAll(pattern, (found, quoted?: string) => quoted ?? found.replaceAll(/[^\n]/g, ' '))
}

function product(at: Position, one: Tree, other: Tree): Tree {
  const values = [one, other].map((tree) => (tree.kind === 'scalar' ? tree.value : undefined))
  const [first, second] = values
  return typeof first === 'number' && typeof second === 'number'
    ? { kind: 'scalar', at, value: first * second }
    : unknown(at)
}

function unknown(at: Position): Tree {
  return { kind: 'unknown', at, why: 'the program decides it when it runs' }
}
