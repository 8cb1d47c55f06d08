import type { SourceMap } from 'node:module'
import type { Call, Place } from './main-stack.ts'

/** What reading source maps needs of Node.js. */
export interface SourceMapTools {
  readonly SourceMap: typeof SourceMap
  readonly URL: typeof URL
  readFile(url: URL): Promise<Buffer>
}

/**
 * Finds where calls stand in the source that the running code was made from.
 *
 * Runs in the thread: see `source.ts` for what that forbids.
 */
export class SourceMaps {
  private readonly tools: SourceMapTools
  private readonly known = new Map<string, Promise<SourceMap | undefined>>()

  constructor(tools: SourceMapTools) {
    this.tools = tools
  }

  mapAll(calls: readonly Call[]): Promise<Call[]> {
    return Promise.all(
      calls.map(async (call) => ({ ...call, place: (await this.original(call.place)) ?? call.place }))
    )
  }

  private async original(place: Place): Promise<Place | undefined> {
    const { url, line, column, sourceMapURL } = place
    const address = this.resolve(sourceMapURL, url)
    if (sourceMapURL === '' || address === undefined) return undefined
    const entry = (await this.load(address))?.findEntry(line, column)
    if (entry === undefined || !('originalSource' in entry)) return undefined
    const source = this.resolve(entry.originalSource, address.protocol === 'data:' ? url : address.href)
    return source && { ...place, url: source.href, line: entry.originalLine, column: entry.originalColumn }
  }

  private load(address: URL): Promise<SourceMap | undefined> {
    const loading = this.known.get(address.href) ?? this.decode(address).catch(() => undefined)
    this.known.set(address.href, loading)
    return loading
  }

  private async decode(address: URL): Promise<SourceMap | undefined> {
    const bytes = address.protocol === 'data:' ? this.inline(address) : await this.tools.readFile(address)
    // Decoding is synchronous, and nothing may hold up the kill: a larger one is not worth it.
    if (bytes.length > 4_000_000) return undefined
    return new this.tools.SourceMap(JSON.parse(bytes.toString()))
  }

  private inline({ pathname }: URL): Buffer {
    const [head = '', body = ''] = pathname.split(/,(.*)/s)
    return head.endsWith(';base64') ? Buffer.from(body, 'base64') : Buffer.from(decodeURIComponent(body))
  }

  private resolve(address: string, base: string): URL | undefined {
    try {
      return new this.tools.URL(address, base)
    } catch {
      return undefined
    }
  }
}
