import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import {
  beginExchange,
  type Exchange,
  exchangeOn,
  findExchange,
  hasBegun,
  noteNotUnderstood,
  noteUse,
  onceAnswered
} from '../connections/exchange.ts'
import { responseOn, serverOf } from '../undocumented.ts'
import { Abandoned } from './abandoned.ts'
import { isLongLived } from './long-lived.ts'

/**
 * The requests in flight.
 *
 * A response counts until its last byte was handed to the system. If it counted only until `end()`, a client that
 * reads slowly would be cut. A request whose client has gone counts until its handler has answered.
 *
 * Until a shutdown begins, most requests are not followed. Each connection knows which request it is answering.
 * The plugin reads this only when it needs the number. So a response needs no listener for its `close`, which
 * would be the most expensive part of counting. Requests that no connection of the app knows are followed from
 * their arrival. These are HTTP/2 streams, pipelined requests whose turn has not come, and requests that other
 * code gives to the app's server.
 */
export class InFlight {
  onArrival: ((exchange: Exchange) => void) | undefined = undefined
  onDeparture: ((exchange: Exchange) => void) | undefined = undefined
  readonly #connections: () => Iterable<object>
  /** Requests that are followed, in the order of their arrival. */
  readonly #followed = new Set<Exchange>()
  /** Pipelined requests whose turn had not come when they arrived, by their connection. */
  readonly #queued = new WeakMap<Socket, Set<Exchange>>()
  readonly #abandoned = new Abandoned((exchange) => this.#departed(exchange))
  readonly #onAnswered = (exchange: Exchange) => this.#departed(exchange)
  #followsAll = false

  /** `connections` returns the open connections. */
  constructor(connections: () => Iterable<object>) {
    this.#connections = connections
  }

  /** A request that `server` has received. */
  add(request: IncomingMessage, response: ServerResponse, server: object): void {
    const exchange = beginExchange(response)
    const isOurs = request.httpVersionMajor === 1 && serverOf(request.socket) === server
    const isOnItsConnection = isOurs && responseOn(request.socket) === response
    if (isOnItsConnection && !this.#followsAll) {
      noteUse(request.socket, exchange.since)
      return
    }
    if (isOurs && !isOnItsConnection && response.socket !== null) noteNotUnderstood(request.socket)
    this.#follow(exchange)
    this.onArrival?.(exchange)
  }

  /**
   * A request of a server that is not the app's, which has come by `app.routing`. An injected request has no
   * connection, and is not in flight. Nor is a WebSocket handshake, which @fastify/websocket passes on in
   * this way.
   */
  adopt(response: ServerResponse, request: IncomingMessage): Exchange | undefined {
    if (request.headers.upgrade !== undefined) return undefined
    if (request.httpVersionMajor !== 2 && serverOf(request.socket) === undefined) return undefined
    this.add(request, response, this)
    return findExchange(response)
  }

  /** From now on, follows every request, including those that are already in flight. */
  followAll(): void {
    for (const exchange of this.#unfollowed()) this.#follow(exchange)
    this.#followsAll = true
    const inOrder = [...this.#followed].sort((one, other) => one.since - other.since)
    this.#followed.clear()
    for (const exchange of inOrder) this.#followed.add(exchange)
  }

  get count(): number {
    return this.#followed.size + (this.#followsAll ? 0 : [...this.#unfollowed()].length)
  }

  /** A connection has ended. This is the only sign that the client of an unfollowed request has gone. */
  connectionClosed(socket: Socket): void {
    const exchange = exchangeOn(socket)
    if (exchange !== undefined && !this.#followed.has(exchange) && isAtWork(exchange))
      this.#abandoned.add(exchange)
    // A response that never got its socket emits no `close`.
    const queued = this.#queued.get(socket) ?? []
    this.#queued.delete(socket)
    for (const exchange of queued) if (exchange.response.socket === null) this.#ended(exchange)
  }

  /** The oldest requests, at most `count`. */
  first(count: number): Exchange[] {
    const oldest: Exchange[] = []
    for (const exchange of this.#followed) {
      if (oldest.length === count) break
      oldest.push(exchange)
    }
    return oldest
  }

  /** The requests that are in flight now. It is a copy, because some may leave during the iteration. */
  [Symbol.iterator](): Iterator<Exchange> {
    return [...this.#followed].values()
  }

  /** Requests that a connection is answering, or whose client has gone. */
  *#unfollowed(): Iterable<Exchange> {
    yield* this.#abandoned
    for (const connection of this.#connections()) {
      const exchange = exchangeOn(connection)
      if (exchange !== undefined && !this.#followed.has(exchange)) yield exchange
    }
  }

  #follow(exchange: Exchange): void {
    const { request, response, isClientGone } = exchange
    this.#followed.add(exchange)
    if (isClientGone) return
    if (response.socket === null && request.socket != null) {
      const queued = this.#queued.get(request.socket) ?? new Set()
      this.#queued.set(request.socket, queued.add(exchange))
    }
    // This listener runs first, because the others may ask what is in flight.
    response.prependListener('close', () => this.#closed(exchange))
  }

  #closed(exchange: Exchange): void {
    this.#queued.get(exchange.request.socket)?.delete(exchange)
    this.#ended(exchange)
  }

  #ended(exchange: Exchange): void {
    if (exchange.isClientGone) return
    if (!isAtWork(exchange)) this.#departed(exchange)
    else if (this.#followsAll) onceAnswered(exchange, this.#onAnswered)
    else {
      this.#followed.delete(exchange)
      this.#abandoned.add(exchange)
    }
  }

  #departed(exchange: Exchange): void {
    if (this.#followed.delete(exchange)) this.onDeparture?.(exchange)
  }
}

/**
 * Whether the handler of a request is still at work when its connection has closed. A hijacked or
 * `longLived` response does not count, and a stream that was sent has been destroyed with its response.
 */
function isAtWork(exchange: Exchange): boolean {
  const { response, reply, fate } = exchange
  if (fate !== undefined || response.writableEnded || hasBegun(response)) return false
  return reply?.sent !== true && !isLongLived(exchange)
}
