import { once } from 'node:events'
import http from 'node:http'
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/** A connection that was silent for so many ms is not used again: its end may be on its way. */
const freshFor = 100

/** What a client asks for. */
export interface Ask {
  readonly path: string
  readonly body?: string
  /** Whether it takes its time to read. */
  readonly isSlow?: boolean
}

/** An answer, read to its end. */
export interface Reply {
  readonly status: number
  readonly length: number
}

/** A client's way to the server: one connection, or one for each request. */
export interface Line {
  /** Rejects with `NotTaken` where the server never looked at the request, so that it can go elsewhere. */
  ask(ask: Ask): Promise<Reply>
  close(): void
}

/** A request that came to nothing, and the port of the connection that it was on, if it was open. */
export class Broken extends Error {
  readonly port: number | undefined

  constructor(cause: unknown, port: number | undefined) {
    super(cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause))
    this.port = port
  }
}

/** The server has not taken the request; where the listener is gone, it will take none any more. */
export class NotTaken extends Error {
  readonly isFinal: boolean

  constructor(cause: unknown) {
    super('the server has not taken the request', { cause })
    this.isFinal = (cause as NodeJS.ErrnoException).code === 'ECONNREFUSED'
  }
}

export class Http1Line implements Line {
  readonly #port: number
  readonly #isKept: boolean
  #agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  #lastUsed = 0

  constructor(port: number, isKept: boolean) {
    this.#port = port
    this.#isKept = isKept
  }

  async ask({ path, body, isSlow = false }: Ask): Promise<Reply> {
    if (performance.now() - this.#lastUsed > freshFor) {
      this.close()
      this.#agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    }
    const outgoing = http.request({
      host: '127.0.0.1',
      port: this.#port,
      path,
      agent: this.#isKept && this.#agent,
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? {} : { 'content-type': 'text/plain' }
    })
    outgoing.end(body)
    let port: number | undefined
    outgoing.once('socket', (socket) => {
      port = socket.localPort
      if (socket.connecting) {
        socket.once('connect', () => {
          port = socket.localPort
        })
      }
    })
    try {
      const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage]
      const length = await read(response, isSlow)
      if (!response.complete) throw new Error('the response was cut')
      this.#lastUsed = performance.now()
      return { status: response.statusCode as number, length }
    } catch (error) {
      const notTaken = new NotTaken(error)
      throw notTaken.isFinal ? notTaken : new Broken(error, port)
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** What each server has said to be the last stream that it looks at. */
const lastStreams = new WeakMap<ClientHttp2Session, number>()

export class Http2Line implements Line {
  readonly #port: number
  #session: ClientHttp2Session | undefined

  constructor(port: number) {
    this.#port = port
  }

  async ask({ path, body, isSlow = false }: Ask): Promise<Reply> {
    const session = await this.#connected()
    const port = session.socket.localPort
    const stream = open(session, path, body)
    stream.end(body)
    try {
      const [headers] = await Promise.race([
        once(stream, 'response'),
        once(stream, 'close').then(() => Promise.reject(new Error(`reset with ${stream.rstCode}`)))
      ])
      const length = await read(stream, isSlow)
      if (stream.rstCode !== 0) throw new Error(`reset with ${stream.rstCode}`)
      return { status: headers[':status'], length }
    } catch (error) {
      // RFC 9113, sections 8.7 and 6.8: it was not processed.
      const isRefused = stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM
      if (isRefused || Number(stream.id) > (lastStreams.get(session) ?? Infinity)) throw new NotTaken(error)
      throw new Broken(error, port)
    }
  }

  close(): void {
    this.#session?.destroy()
  }

  /** A session that the server has said goodbye on takes no more requests. */
  async #connected(): Promise<ClientHttp2Session> {
    if (this.#session !== undefined && !this.#session.closed && !this.#session.destroyed) return this.#session
    const session = http2.connect(`http://127.0.0.1:${this.#port}`)
    this.#session = session
    const goodbye = () => {
      if (this.#session === session) this.#session = undefined
    }
    session.on('goaway', (_code, lastStream) => lastStreams.set(session, lastStream))
    session.on('goaway', goodbye).on('close', goodbye).on('error', goodbye)
    try {
      await once(session, 'connect')
    } catch (error) {
      const notTaken = new NotTaken(error)
      throw notTaken.isFinal ? notTaken : new Broken(error, undefined)
    }
    return session
  }
}

function open(session: ClientHttp2Session, path: string, body: string | undefined): ClientHttp2Stream {
  const post = { ':method': 'POST', 'content-type': 'text/plain' }
  try {
    return session.request({ ':path': path, ...(body !== undefined && post) })
  } catch (error) {
    // The session is being closed: nothing was sent.
    throw new NotTaken(error)
  }
}

async function read(body: Readable, isSlow: boolean): Promise<number> {
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (isSlow) await sleep(1)
  }
  return length
}
