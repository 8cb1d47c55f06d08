import { SourceMap } from 'node:module'
import type { Call, Place } from './main-stack.ts'

/** Reads a file, if it is not larger than `most` bytes. */
type ReadFile = (address: URL, most: number) => Promise<Buffer>

// Decoding a source map is synchronous and cannot be interrupted, so it could delay the kill. All limits are
// therefore checked before any decoding.

/** How large a source map may be, in bytes. Most of it is usually the text of the sources. */
const largest = 2_000_000

/**
 * How long the mappings of a source map may be, in characters. Decoding longer ones would delay the last line
 * too much.
 */
const longestMappings = 500_000

/** After how many ms no further map is decoded. */
const patience = 60

/** Finds the places of calls in the original source code. */
export class SourceMaps {
  readonly #readFile: ReadFile
  readonly #now: () => number
  readonly #begin: number
  readonly #known = new Map<string, Promise<SourceMap | undefined>>()

  constructor(readFile: ReadFile, now: () => number) {
    this.#readFile = readFile
    this.#now = now
    this.#begin = now()
  }

  mapAll(calls: readonly Call[]): Promise<Call[]> {
    return Promise.all(
      calls.map(async (call) => ({ ...call, place: (await this.#original(call.place)) ?? call.place }))
    )
  }

  async #original(place: Place): Promise<Place | undefined> {
    const { url, line, column, sourceMapURL } = place
    if (sourceMapURL === '') return undefined
    const entry = (await this.#load(sourceMapURL, url))?.findEntry(line, column)
    if (entry === undefined || !('originalSource' in entry)) return undefined
    const base = isInline(sourceMapURL) ? url : resolve(sourceMapURL, url)?.href
    const source = resolve(entry.originalSource, base as string)
    return source && { ...place, url: source.href, line: entry.originalLine, column: entry.originalColumn }
  }

  /** Decodes each script's source map once. */
  #load(sourceMapURL: string, url: string): Promise<SourceMap | undefined> {
    const key = `${url} ${sourceMapURL}`
    const loading = this.#known.get(key) ?? this.#decode(sourceMapURL, url).catch(() => undefined)
    this.#known.set(key, loading)
    return loading
  }

  async #decode(sourceMapURL: string, url: string): Promise<SourceMap | undefined> {
    const bytes = isInline(sourceMapURL) ? inline(sourceMapURL) : await this.#read(sourceMapURL, url)
    if (bytes.length > largest || this.#now() - this.#begin > patience) return undefined
    const map = JSON.parse(bytes.toString())
    return map.mappings.length > longestMappings ? undefined : new SourceMap(map)
  }

  async #read(sourceMapURL: string, url: string): Promise<Buffer> {
    return this.#readFile(new URL(sourceMapURL, url), largest)
  }
}

function isInline(sourceMapURL: string): boolean {
  return sourceMapURL.startsWith('data:')
}

/** Decodes an inline source map by hand, because parsing it as a URL would take long. */
function inline(sourceMapURL: string): Buffer {
  const comma = sourceMapURL.indexOf(',')
  const body = sourceMapURL.slice(comma + 1)
  const isEncoded = sourceMapURL.slice(0, comma).endsWith(';base64')
  return isEncoded ? Buffer.from(body, 'base64') : Buffer.from(decodeURIComponent(body))
}

function resolve(address: string, base: string): URL | undefined {
  try {
    return new URL(address, base)
  } catch {
    return undefined
  }
}
