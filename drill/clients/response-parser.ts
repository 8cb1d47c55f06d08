/** The head of a response. */
export interface ResponseHead {
  readonly status: number
  /** The headers, with names in lower case. If a name comes twice, the last value counts. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether the server says that the connection ends with this response. */
  readonly isLast: boolean
}

type State = 'head' | 'body' | 'size' | 'chunk' | 'trailers' | 'until the end' | 'done' | 'invalid'

const longestHead = 256 * 1024
const lineEnd = Buffer.from('\r\n')
const headEnd = Buffer.from('\r\n\r\n')
const nothing: Buffer = Buffer.alloc(0)

/** Reads one response of HTTP/1 (RFC 9112), chunk by chunk. The body is not kept. */
export class ResponseParser {
  head: ResponseHead | undefined
  /** How many bytes of the body have arrived. */
  received = 0
  /** The data after the response. */
  rest: Buffer = nothing
  #state: State = 'head'
  #left = 0
  readonly #isHead: boolean

  constructor(method: string) {
    this.#isHead = method === 'HEAD'
  }

  get isDone(): boolean {
    return this.#state === 'done'
  }

  /** Whether the data is not HTTP/1. */
  get isInvalid(): boolean {
    return this.#state === 'invalid'
  }

  /** Whether the response is complete if the connection ends now. */
  get endsWithConnection(): boolean {
    return this.#state === 'until the end' || this.#state === 'done'
  }

  read(chunk: Buffer): void {
    let data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    this.rest = nothing
    while (this.#state !== 'done' && this.#state !== 'invalid') {
      const after = this.#step(data)
      if (after === undefined) break
      data = after
    }
    this.rest = data
  }

  /** Reads one part of the response. Returns the rest of the data, or `undefined` if more data is needed. */
  #step(data: Buffer): Buffer | undefined {
    switch (this.#state) {
      case 'head':
        return this.#readHead(data)
      case 'size':
        return this.#readSize(data)
      case 'trailers':
        return this.#readTrailer(data)
      case 'until the end':
        this.received += data.length
        return data.length === 0 ? undefined : nothing
      default:
        return this.#readBody(data)
    }
  }

  #readHead(data: Buffer): Buffer | undefined {
    const end = data.indexOf(headEnd)
    if (end === -1) {
      if (data.length > longestHead || !looksLikeHTTP(data)) this.#state = 'invalid'
      return undefined
    }
    const [statusLine = '', ...fields] = data.subarray(0, end).toString('latin1').split('\r\n')
    const [, version, code] = /^HTTP\/1\.(\d) (\d{3})(?: |$)/.exec(statusLine) ?? []
    if (version === undefined) {
      this.#state = 'invalid'
      return undefined
    }
    const status = Number(code)
    const after = data.subarray(end + headEnd.length)
    // An interim response, which another response follows. 101 is no interim response: after it, the connection does
    // not speak HTTP.
    if (status < 200 && status !== 101) return after
    const headers = headersOf(fields)
    const tokens = (headers['connection'] ?? '').toLowerCase().split(/\s*,\s*/)
    const isLast = tokens.includes('close') || (version === '0' && !tokens.includes('keep-alive'))
    this.head = { status, headers, isLast }
    this.#expectBody(this.head)
    return after
  }

  #expectBody({ status, headers }: ResponseHead): void {
    const length = headers['content-length']
    if (this.#isHead || status === 101 || status === 204 || status === 304) this.#state = 'done'
    else if ((headers['transfer-encoding'] ?? '').toLowerCase().endsWith('chunked')) this.#state = 'size'
    else if (length === undefined) this.#state = 'until the end'
    else {
      this.#left = Number(length)
      this.#state = this.#left === 0 ? 'done' : 'body'
    }
  }

  #readBody(data: Buffer): Buffer | undefined {
    if (data.length === 0) return undefined
    const part = Math.min(this.#left, data.length)
    const isChunk = this.#state === 'chunk'
    this.#left -= part
    this.received += part
    if (this.#left === 0) this.#state = isChunk ? 'size' : 'done'
    return data.subarray(part)
  }

  #readSize(data: Buffer): Buffer | undefined {
    const end = data.indexOf(lineEnd)
    if (end === -1) return undefined
    const line = data.subarray(0, end).toString('latin1')
    const after = data.subarray(end + lineEnd.length)
    // The end of the previous chunk.
    if (line === '') return after
    const size = Number.parseInt(line, 16)
    if (Number.isNaN(size)) this.#state = 'invalid'
    else if (size === 0) this.#state = 'trailers'
    else {
      this.#left = size
      this.#state = 'chunk'
    }
    return after
  }

  #readTrailer(data: Buffer): Buffer | undefined {
    const end = data.indexOf(lineEnd)
    if (end === -1) return undefined
    if (end === 0) this.#state = 'done'
    return data.subarray(end + lineEnd.length)
  }
}

function looksLikeHTTP(data: Buffer): boolean {
  return 'HTTP/1.'.startsWith(data.subarray(0, 7).toString('latin1'))
}

function headersOf(fields: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  for (const field of fields) {
    const colon = field.indexOf(':')
    if (colon > 0) headers[field.slice(0, colon).toLowerCase()] = field.slice(colon + 1).trim()
  }
  return headers
}
