import { once } from 'node:events'
import http from 'node:http'
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import https from 'node:https'
import type { Transport } from '../fixtures/transports.ts'
import type { Answer } from './client.ts'

/** What is special about a request. */
interface How {
  /** What is sent at once of a body, if there is to be one. */
  readonly first?: string
  /** The rest of it. */
  readonly rest?: Promise<string>
  /** Nothing of the answer is read before. */
  readonly readAfter?: Promise<void>
}

/** A client on one kept connection, whatever it speaks. */
export interface Speaker {
  request(path: string, how?: How): Promise<Answer>
  /** What the server said when it ended the connection. */
  farewell(): Promise<string>
  close(): void
}

/** What each transport is spoken to with: the two of a server that has both are tried apart. */
export const spoken: readonly {
  readonly name: string
  readonly transport: Transport
  readonly isHttp2: boolean
}[] = [
  { name: 'HTTP/1.1', transport: 'http', isHttp2: false },
  { name: 'HTTPS', transport: 'https', isHttp2: false },
  { name: 'HTTP/2 cleartext', transport: 'h2c', isHttp2: true },
  { name: 'HTTP/2 over TLS', transport: 'h2', isHttp2: true },
  { name: 'HTTP/2, allowHTTP1', transport: 'h2 with http/1.1', isHttp2: true },
  { name: 'HTTP/1.1 on allowHTTP1', transport: 'h2 with http/1.1', isHttp2: false }
]

export function speak(name: string, port: number): Speaker {
  const { transport, isHttp2 } = spoken.find((one) => one.name === name) as (typeof spoken)[number]
  const isSecure = transport !== 'http' && transport !== 'h2c'
  return isHttp2 ? new Http2Speaker(port, isSecure) : new Http1Speaker(port, isSecure)
}

class Http1Speaker implements Speaker {
  readonly #agent: http.Agent
  readonly #ended: Promise<string>
  readonly #port: number
  readonly #request: typeof http.request

  constructor(port: number, isSecure: boolean) {
    this.#port = port
    this.#request = isSecure ? https.request : http.request
    this.#agent = new (isSecure ? https : http).Agent({
      keepAlive: true,
      maxSockets: 1,
      rejectUnauthorized: false
    })
    this.#ended = new Promise((resolve) => {
      const { createConnection } = this.#agent as unknown as {
        createConnection: (...args: never[]) => http.ClientRequest['socket']
      }
      Object.assign(this.#agent, {
        createConnection: (...args: never[]) => {
          const socket = createConnection.apply(this.#agent, args)
          socket?.once('error', () => resolve('reset'))
          socket?.once('close', () => resolve('FIN'))
          return socket
        }
      })
    })
  }

  async request(path: string, { first, rest, readAfter }: How = {}): Promise<Answer> {
    const method = first === undefined ? 'GET' : 'POST'
    const headers = first === undefined ? {} : { 'content-type': 'text/plain' }
    const outgoing = this.#request({
      port: this.#port,
      host: '127.0.0.1',
      path,
      method,
      headers,
      agent: this.#agent
    })
    if (first === undefined) outgoing.end()
    else {
      outgoing.write(first)
      void rest?.then((more) => outgoing.end(more))
    }
    const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage]
    await readAfter
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += chunk
    return {
      status: response.statusCode as number,
      headers: response.headers,
      body: text,
      at: performance.now()
    }
  }

  async farewell(): Promise<string> {
    // An agent's idle connection keeps no process alive, and the app may be gone before its end has been read.
    const alive = setInterval(() => {}, 60_000)
    try {
      return await this.#ended
    } finally {
      clearInterval(alive)
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}

class Http2Speaker implements Speaker {
  readonly #goaways: { readonly code: number; readonly lastStream: number }[] = []
  readonly #connect: () => ClientHttp2Session
  #connected: ClientHttp2Session | undefined

  constructor(port: number, isSecure: boolean) {
    const url = `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}`
    this.#connect = () => http2.connect(url, { rejectUnauthorized: false })
  }

  get #session(): ClientHttp2Session {
    if (this.#connected === undefined) {
      this.#connected = this.#connect()
      this.#connected.on('error', () => {})
      this.#connected.on('goaway', (code, lastStream) => this.#goaways.push({ code, lastStream }))
    }
    return this.#connected
  }

  async request(path: string, { first, rest, readAfter }: How = {}): Promise<Answer> {
    const method = first === undefined ? 'GET' : 'POST'
    const type = first === undefined ? {} : { 'content-type': 'text/plain' }
    const stream: ClientHttp2Stream = this.#session.request({ ':path': path, ':method': method, ...type })
    if (first === undefined) stream.end()
    else {
      stream.write(first)
      void rest?.then((more) => stream.end(more))
    }
    const [headers] = (await Promise.race([
      once(stream, 'response'),
      once(stream, 'close').then(() =>
        Promise.reject(new Error(`the stream was reset with ${stream.rstCode}`))
      )
    ])) as [http2.IncomingHttpHeaders & { ':status': number }]
    await readAfter
    let text = ''
    for await (const chunk of stream.setEncoding('utf8')) text += chunk
    if (stream.rstCode !== 0) throw new Error(`the stream was reset with ${stream.rstCode}`)
    return { status: headers[':status'], headers, body: text, at: performance.now() }
  }

  async farewell(): Promise<string> {
    if (!this.#session.destroyed) await once(this.#session, 'close')
    const [first] = this.#goaways
    const codes = [...new Set(this.#goaways.map(({ code }) => code))].join(' and ')
    return `GOAWAY ${codes}${first?.lastStream === 2 ** 31 - 1 ? ', announced' : ''}`
  }

  close(): void {
    this.#session.destroy()
  }
}
