import net, { type Socket } from 'node:net'
import tls from 'node:tls'
import type { RequestSpec, Target } from '../setup.ts'
import { type ResponseHead, ResponseParser } from './response-parser.ts'

/** What happened to one request. */
export type Outcome =
  | { readonly kind: 'answered'; readonly head: ResponseHead; readonly received: number }
  /** There was no connection, so nothing was sent. */
  | { readonly kind: 'refused'; readonly code: string }
  /** The request was sent, and the connection ended before a response began. */
  | { readonly kind: 'lost'; readonly code: string }
  /** The response began, but never ended. */
  | { readonly kind: 'cut'; readonly status: number; readonly received: number; readonly code: string }
  /** The answer was not HTTP/1. */
  | { readonly kind: 'not-http' }
  /** The client gave up before there was an answer. */
  | { readonly kind: 'unanswered' }

export type Opening = { readonly isOpen: true; readonly connection: Connection } | Refusal

export interface Refusal {
  readonly isOpen: false
  readonly kind: 'refused'
  readonly code: string
}

/** How the other side ended a connection. */
export type Ending = 'end' | 'reset'

interface Pending {
  readonly parser: ResponseParser
  resolve(outcome: Outcome): void
}

/** One connection, on which one request is sent after another. */
export class Connection {
  readonly socket: Socket
  /** Called with data that is no response to a request: it came without a request, or after an upgrade. */
  onData: (data: Buffer) => void = () => {}
  /** How and when the other side ended the connection. */
  ending: { readonly how: Ending; readonly at: number } | undefined
  readonly ended: Promise<void>
  #pending: Pending | undefined
  #error = 'closed'
  #isLast = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (data) => this.#read(data))
    this.ended = new Promise((resolve) => {
      const end = (how: Ending) => {
        this.ending ??= { how, at: performance.now() }
        resolve()
      }
      socket.on('end', () => end('end'))
      socket.on('error', (error: NodeJS.ErrnoException) => {
        this.#error = codeOf(error)
        end('reset')
      })
      socket.on('close', () => {
        end('end')
        this.#fail()
      })
    })
  }

  /** Opens a connection. Never rejects. When the signal aborts, the connection is closed in any state. */
  static open(target: Target, signal?: AbortSignal): Promise<Opening> {
    return new Promise((resolve) => {
      const socket = socketTo(target)
      let connection: Connection | undefined
      const refuse = (error: NodeJS.ErrnoException) => {
        resolve({ isOpen: false, kind: 'refused', code: codeOf(error) })
      }
      const giveUp = () => {
        connection?.close()
        socket.destroy()
        resolve({ isOpen: false, kind: 'refused', code: 'gave up' })
      }
      socket.once('error', refuse)
      socket.once('close', () => signal?.removeEventListener('abort', giveUp))
      socket.once(target.isSecure ? 'secureConnect' : 'connect', () => {
        socket.off('error', refuse)
        connection = new Connection(socket)
        resolve({ isOpen: true, connection })
      })
      if (signal?.aborted) giveUp()
      else signal?.addEventListener('abort', giveUp)
    })
  }

  /** Whether another request may be sent on this connection. */
  get isUsable(): boolean {
    return this.ending === undefined && !this.#isLast && !this.socket.destroyed
  }

  /** Sends a request, and reads its response. Never rejects. */
  request(target: Target, path: string, spec: RequestSpec): Promise<Outcome> {
    return new Promise((resolve) => {
      this.expect(spec.method, resolve)
      this.socket.write(messageOf(target, path, spec))
    })
  }

  /** Reads the response to a request that is sent by other means. */
  expect(method: string, resolve: (outcome: Outcome) => void): void {
    this.#pending = { parser: new ResponseParser(method), resolve }
    if (this.socket.destroyed) this.#fail()
  }

  /** The head of the response that is being received. */
  get head(): ResponseHead | undefined {
    return this.#pending?.parser.head
  }

  /** Closes the connection. A request without an answer stays unanswered. */
  close(): void {
    const pending = this.#pending
    this.#pending = undefined
    this.socket.destroy()
    pending?.resolve({ kind: 'unanswered' })
  }

  #read(data: Buffer): void {
    const pending = this.#pending
    if (pending === undefined) {
      this.onData(data)
      return
    }
    const { parser } = pending
    parser.read(data)
    if (parser.isInvalid) this.#settle({ kind: 'not-http' })
    else if (parser.isDone) this.#settleAnswered(parser)
  }

  #settleAnswered(parser: ResponseParser): void {
    const head = parser.head as ResponseHead
    if (head.isLast) this.#isLast = true
    this.#settle({ kind: 'answered', head, received: parser.received })
    if (parser.rest.length > 0) this.onData(parser.rest)
  }

  #fail(): void {
    const pending = this.#pending
    if (pending === undefined) return
    const { parser } = pending
    const { head, received } = parser
    if (head === undefined) this.#settle({ kind: 'lost', code: this.#error })
    else if (parser.endsWithConnection && this.ending?.how === 'end') this.#settleAnswered(parser)
    else this.#settle({ kind: 'cut', status: head.status, received, code: this.#error })
  }

  #settle(outcome: Outcome): void {
    const pending = this.#pending
    this.#pending = undefined
    pending?.resolve(outcome)
  }
}

/** The code of an error, or its message, because errors of TLS may have no code. */
export function codeOf({ code, message }: NodeJS.ErrnoException): string {
  return code ?? message
}

function socketTo(target: Target): Socket {
  const where =
    'socketPath' in target ? { path: target.socketPath } : { host: target.host, port: target.port }
  // The certificate of a server under test need not be valid.
  return target.isSecure ? tls.connect({ ...where, rejectUnauthorized: false }) : net.connect(where)
}

/** The bytes of a request. */
export function messageOf(target: Target, path: string, { method, headers, body }: RequestSpec): string {
  const names = headers.map(([name]) => name.toLowerCase())
  const own: [string, string][] = []
  if (!names.includes('host')) own.push(['Host', hostOf(target)])
  if (!names.includes('user-agent')) own.push(['User-Agent', 'fastify-lifecycle-drill'])
  if (body !== '' || method === 'POST' || method === 'PUT' || method === 'PATCH')
    own.push(['Content-Length', String(Buffer.byteLength(body))])
  const fields = [...own, ...headers].map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${fields.join('')}\r\n${body}`
}

function hostOf(target: Target): string {
  if ('socketPath' in target) return 'localhost'
  return `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
}
