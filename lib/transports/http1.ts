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
    const { request, response } = exchange
    const last = this.#last.get(request.socket)
    if (last?.response.headersSent === true) {
      exchange.fate = 'ignored'
    } else if (response.headersSent) {
      this.#endAfter(exchange)
    } else {
      // Pipelined behind a response that is not begun yet: this one takes its place.
      last?.response.removeHeader('connection')
      response.setHeader('connection', 'close')
      this.#last.set(request.socket, exchange)
      lingerWhenDone(request.socket)
    }
  }

  /** Its headers have promised to keep the connection alive: so we end it, unless another is behind. */
  #endAfter({ request, response }: Exchange): void {
    response.once('close', () => {
      if (!this.#last.has(request.socket)) endPolitely(request.socket)
    })
  }

  /** Ends a socket as a keep-alive timeout does, at once, unless it is in use. */
  endIfIdle(socket: Socket): void {
    if (!this.#left.has(socket) && !isAnswering(socket)) socket.destroy()
  }

  /**
   * Ends a socket, or the TLS socket around it, when nothing is in flight. One that had its last
   * response ends by itself. Of the others, nothing was written since the drain began on those that
   * are HTTP's: no response is left that a reset could destroy, so a polite end would cost twice the
   * time for nothing.
   */
  end(socket: Socket): void {
    if (this.#last.has(socket) || socket.writableEnded) return
    const mustSayMore = this.#left.has(socket) || socket.writableLength > 0 || 'encrypted' in socket
    if (mustSayMore) endPolitely(socket)
    else socket.destroy()
  }
}
