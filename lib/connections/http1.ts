import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { endsWithConnection } from '../undocumented.ts'
import { type Exchange, hasBegun, isAnswering } from './exchange.ts'
import { endPolitely, lingerWhenDone, reset } from './tcp.ts'

/**
 * HTTP/1.1: a connection ends with the response that says `Connection: close`. No later request on the
 * connection may be processed (RFC 9112 §9.6), because the client sends that request again elsewhere.
 */
export class Http1 {
  /** For each connection, the exchange whose response says that it is the last. */
  readonly #last = new WeakMap<Socket, Exchange>()
  /** The connections that were handed over to another protocol. */
  readonly #left = new WeakSet<Socket>()

  /** Returns `false` if the socket had left before: Fastify's servers pass such events on to each other. */
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
    if (last !== undefined && hasBegun(last.response)) {
      if (exchange.since > last.since) exchange.fate = 'ignored'
      return
    }
    // The response that was the last so far has not begun, and this exchange is pipelined behind it. So this response
    // becomes the last.
    last?.response.removeHeader('connection')
    if (hasBegun(exchange.response)) {
      this.#endAfter(exchange)
    } else {
      exchange.response.setHeader('connection', 'close')
      this.#last.set(socket, exchange)
      lingerWhenDone(socket)
    }
  }

  /**
   * The last exchange on a connection; `undefined` if its response keeps the connection alive, because a handler has
   * set its own header.
   */
  #lastOn(socket: Socket): Exchange | undefined {
    const last = this.#last.get(socket)
    return last === undefined || keepsAlive(last.response) ? undefined : last
  }

  /**
   * Ends the connection after this response, unless a later response is the last. The headers that were sent keep the
   * connection alive.
   */
  #endAfter({ request, response }: Exchange): void {
    response.once('close', () => {
      if (this.#lastOn(request.socket) === undefined) endPolitely(request.socket)
    })
  }

  /** Ends an exchange at once, in a way that its client cannot mistake for the end of the response. */
  cut({ request, response }: Exchange): void {
    if (hasBegun(response) && endsWithConnection(response)) reset(request.socket)
    else endPolitely(request.socket)
  }

  /** Ends a socket as a keep-alive timeout does, at once, unless it is in use. */
  endIfIdle(socket: Socket): void {
    if (!this.#left.has(socket) && !isAnswering(socket)) socket.destroy()
  }

  /**
   * Ends a socket, or the TLS socket around it, when nothing is in flight. A socket that had its last
   * response ends by itself, unless that response keeps the connection alive. On the other HTTP sockets
   * nothing was written since the drain began. So a reset cannot destroy a response, and a polite end would
   * only cost twice the time.
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
  return hasBegun(response) && !/\bclose\b/i.test(String(response.getHeader('connection')))
}
