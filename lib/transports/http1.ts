import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Exchange, isAnswering } from '../in-flight.ts'
import { endPolitely, lingerWhenDone } from './tcp.ts'

/**
 * HTTP/1.1: a connection ends with the response that says `Connection: close`, and no request
 * behind it may be processed (RFC 9112 §9.6), because the client will send it again elsewhere.
 */
export class Http1 {
  /** For each connection, the exchange whose response says that it is the last. */
  readonly #last = new WeakMap<Socket, Exchange>()
  /** The connections that were handed over to another protocol. */
  readonly #left = new WeakSet<Socket>()

  /** Returns whether it had not left before: Fastify passes on to one server what another one hears. */
  leave(socket: Socket): boolean {
    if (this.#left.has(socket)) return false
    this.#left.add(socket)
    return true
  }

  /** Whether a response on this connection has been made its last. */
  isRetiring({ request }: Exchange): boolean {
    return this.#last.has(request.socket)
  }

  /** Makes this the last exchange on its connection. */
  retire(exchange: Exchange): void {
    const { socket } = exchange.request
    const last = this.#lastOn(socket)
    if (last?.response.headersSent === true) {
      if (exchange.since > last.since) exchange.fate = 'ignored'
      return
    }
    // Pipelined behind a response that is not begun yet: this one takes its place.
    last?.response.removeHeader('connection')
    if (exchange.response.headersSent) {
      this.#endAfter(exchange)
    } else {
      exchange.response.setHeader('connection', 'close')
      this.#last.set(socket, exchange)
      lingerWhenDone(socket)
    }
  }

  /** The last exchange on a connection, unless its response has promised more: a handler may have a word of its own. */
  #lastOn(socket: Socket): Exchange | undefined {
    const last = this.#last.get(socket)
    return last === undefined || keepsAlive(last.response) ? undefined : last
  }

  /** Its headers have promised to keep the connection alive: so we end it, unless another is behind. */
  #endAfter({ request, response }: Exchange): void {
    response.once('close', () => {
      if (this.#lastOn(request.socket) === undefined) endPolitely(request.socket)
    })
  }

  /** Ends a socket as a keep-alive timeout does, at once, unless it is in use. */
  endIfIdle(socket: Socket): void {
    if (!this.#left.has(socket) && !isAnswering(socket)) socket.destroy()
  }

  /**
   * Ends a socket, or the TLS socket around it, when nothing is in flight. One that had its last
   * response ends by itself, unless that has promised more. Of the others, nothing was written since
   * the drain began on those that are HTTP's: no response is left that a reset could destroy, so a
   * polite end would cost twice the time for nothing.
   */
  end(socket: Socket): void {
    if (this.#lastOn(socket) !== undefined || socket.writableEnded) return
    const wasAnswered = this.#last.has(socket)
    const mustSayMore =
      wasAnswered || this.#left.has(socket) || socket.writableLength > 0 || 'encrypted' in socket
    if (mustSayMore) endPolitely(socket)
    else socket.destroy()
  }
}

function keepsAlive(response: ServerResponse): boolean {
  return response.headersSent && !/\bclose\b/i.test(String(response.getHeader('connection')))
}
