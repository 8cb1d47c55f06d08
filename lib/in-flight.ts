import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import { now } from './clock.ts'

const exchangeOf: unique symbol = Symbol('fastify-lifecycle.exchange')

interface NotedResponse extends ServerResponse {
  [exchangeOf]?: Exchange
}

const usedAt: unique symbol = Symbol('fastify-lifecycle.usedAt')

/** A socket as Node.js has it while HTTP/1.1 is spoken on it. */
interface AnsweringSocket {
  /** When it was opened, or the last request came on it, before the shutdown began. */
  [usedAt]?: number
  readonly server?: object
  /** The response that is being written on it, until the last byte was handed to the system. */
  readonly _httpMessage?: NotedResponse | null
}

/** One request and its response, from the request's arrival to the response's `close`. */
export class Exchange {
  readonly response: ServerResponse
  readonly since: number = now()
  /** Fastify's view of it, once its hooks have run as far as the gate. */
  reply: FastifyReply | undefined = undefined
  /** What the shutdown has decided about it, if anything. */
  fate: 'rejected' | 'ignored' | 'cut' | undefined = undefined

  constructor(response: ServerResponse) {
    this.response = response
  }

  get request(): IncomingMessage {
    return this.response.req
  }
}

/**
 * The requests being answered right now.
 *
 * A response counts until its last byte was handed to the system: counting down on `end()` would cut
 * a client that reads slowly.
 *
 * Until a shutdown begins, most are not followed: each connection knows what is being answered on it, and
 * whoever asks looks there. So nothing has to be done when a response closes, which would be the dearest
 * part of keeping count. What no connection of ours knows is followed from its arrival on: streams of
 * HTTP/2, pipelined requests whose turn has not come, and what others hand to the app's server.
 */
export class InFlight {
  onArrival: ((exchange: Exchange) => void) | undefined = undefined
  onDeparture: ((exchange: Exchange) => void) | undefined = undefined
  readonly #connections: () => Iterable<object>
  /** In the order of their arrival. */
  readonly #followed = new Set<Exchange>()
  /** Pipelined requests whose turn had not come when they arrived. */
  readonly #queued = new Set<Exchange>()
  #followsAll = false

  /** `connections` gives those that are open. */
  constructor(connections: () => Iterable<object>) {
    this.#connections = connections
  }

  /** A request that this server has got. */
  add(request: IncomingMessage, response: ServerResponse, server: object): void {
    const exchange = new Exchange(response)
    ;(response as NotedResponse)[exchangeOf] = exchange
    const isOnItsConnection =
      request.httpVersionMajor === 1 &&
      response.socket !== null &&
      (request.socket as AnsweringSocket).server === server
    if (isOnItsConnection && !this.#followsAll) {
      noteUse(request.socket, exchange.since)
      return
    }
    this.#follow(exchange)
    this.onArrival?.(exchange)
  }

  /** From now on everything is followed, what is in flight already included. */
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

  /** A response that was never given its socket emits no `close` when the connection ends. */
  connectionClosed(socket: Socket): void {
    for (const exchange of this.#queued) {
      if (exchange.request.socket === socket && exchange.response.socket === null) this.#departed(exchange)
    }
  }

  /** The oldest ones, so many at most. */
  first(count: number): Exchange[] {
    const oldest: Exchange[] = []
    for (const exchange of this.#followed) {
      if (oldest.length === count) break
      oldest.push(exchange)
    }
    return oldest
  }

  /** Those that are in flight now; some may leave while one looks at them. */
  [Symbol.iterator](): Iterator<Exchange> {
    return [...this.#followed].values()
  }

  /** What is being answered on a connection of its own. */
  *#unfollowed(): Iterable<Exchange> {
    for (const connection of this.#connections()) {
      const response = (connection as AnsweringSocket)._httpMessage
      // Node.js answers some requests by itself, and tells nobody.
      const exchange = response?.[exchangeOf]
      if (exchange !== undefined && !this.#followed.has(exchange)) yield exchange
    }
  }

  #follow(exchange: Exchange): void {
    const { response } = exchange
    this.#followed.add(exchange)
    if (response.socket === null) this.#queued.add(exchange)
    // Before whoever else waits for it: they may ask what is in flight.
    response.prependListener('close', () => this.#departed(exchange))
  }

  #departed(exchange: Exchange): void {
    this.#queued.delete(exchange)
    if (this.#followed.delete(exchange)) this.onDeparture?.(exchange)
  }
}

/** The exchange that a raw response belongs to; none for an injected one, which has no connection. */
export function findExchange(response: ServerResponse): Exchange | undefined {
  return (response as NotedResponse)[exchangeOf]
}

/** A socket was opened, or a request came on it. */
export function noteUse(socket: Socket, at: number): void {
  ;(socket as AnsweringSocket)[usedAt] = at
}

/** Whether that was within the last so many ms, before the shutdown began, and nothing is asked on it now. */
export function wasUsedWithin(socket: Socket, ms: number): boolean {
  const { [usedAt]: at = Number.NEGATIVE_INFINITY } = socket as AnsweringSocket
  return now() - at <= ms && !isAnswering(socket)
}

/** Whether a response is being written on a socket, or waited for. */
export function isAnswering(socket: Socket): boolean {
  return (socket as AnsweringSocket)._httpMessage != null
}
