// Limits of a report, a log line or an error: how many items of a kind are named, and how long each text may be.
// Clients must not be able to make these texts longer.

/** How many things of a kind are named, the oldest first. The others are only counted. */
export const namedAtMost = 20

/** How many bytes a text may take in a line of JSON. */
export const longest = {
  /** A method of HTTP. */
  method: 32,
  /** The id of a request, or the code of an error. */
  id: 100,
  /** A name, a route or a path. */
  name: 200,
  /** What a log line shows of a function's source. */
  source: 160,
  /** What an error message says of one value. */
  detail: 500,
  /** The message of an error, or why a shutdown began. */
  message: 1_000,
  /** The text of a log line. */
  line: 2_000,
  /** The stack of an error. */
  stack: 4_000
} as const

const ellipsis = '…'

/**
 * The beginning of the text, so that it takes at most `most` bytes in a line of JSON. An ellipsis stands for the
 * rest.
 */
export function shorten(text: string, most: number): string {
  if (text.length <= most / 6) return text
  // Every character takes at least one byte, so no more characters can fit.
  const start = text.slice(0, most)
  if (start.length === text.length && bytesOf(start) <= most) return text
  let left = most - bytesOf(ellipsis)
  let end = 0
  for (const character of start) {
    left -= bytesOf(character)
    if (left < 0) break
    end += character.length
  }
  return `${start.slice(0, end)}${ellipsis}`
}

/** How many bytes a value takes in a line of JSON. */
export function bytesOfJSON(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

function bytesOf(text: string): number {
  return bytesOfJSON(text) - 2
}

/** Characters that break lines, move the cursor or change the direction of the text. */
const unruly = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Replaces each control character by its number. */
export function shown(text: string): string {
  return text.replace(unruly, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The oldest names in quotes, and the number of the others. */
export function quoted(names: readonly string[], count: number = names.length): string {
  const first = names.slice(0, namedAtMost).map((name) => `'${name}'`)
  const others = count - first.length
  return others === 0 ? first.join(', ') : `${first.join(', ')} and ${others} more`
}

/** Counts all items, but keeps only the oldest. */
export class Oldest<Item> {
  readonly #kept: Item[] = []
  #count = 0

  /** Calls `make` only if the item is kept. */
  add(make: () => Item): Item | undefined {
    this.#count++
    if (this.#kept.length === namedAtMost) return undefined
    const item = make()
    this.#kept.push(item)
    return item
  }

  get kept(): readonly Item[] {
    return this.#kept
  }

  get count(): number {
    return this.#count
  }

  /** How many were not kept. */
  get others(): number {
    return this.#count - this.#kept.length
  }
}
