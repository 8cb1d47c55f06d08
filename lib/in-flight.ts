import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import { now } from './clock.ts'

const exchangeOf = Symbol('fastify-lifecycle.exchange')

interface TrackedResponse extends ServerResponse {
  [exchangeOf]?: Exchange
}

/** One request and its response, from the request's arrival to the response's `close`. */
export class Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly since: number = now()
  /** Fastify's view of it, once its hooks have run as far as the gate. */
  reply: FastifyReply | undefined = undefined
  /** What the shutdown has decided about it, if anything. */
  fate: 'rejected' | 'ignored' | 'cut' | undefined = undefined
  /** The neighbours in the ring of what is in flight. */
  previous: Exchange | InFlight
  next: Exchange | InFlight
  readonly #flight: InFlight

  constructor(request: IncomingMessage, response: ServerResponse, flight: InFlight) {
    this.request = request
    this.response = response
    this.#flight = flight
    this.previous = flight.previous
    this.next = flight
  }

  leave(): void {
    this.#flight.remove(this)
  }
}

/**
 * The requests being answered right now.
 *
 * A response counts until its `close`, which comes after its last byte was handed to the system:
 * counting down on `finish` or `end()` would cut a client that reads slowly.
 *
 * This is a ring of linked exchanges and not a `Set`, because it is on the path of every request,
 * where a `Set` of objects costs three times as much.
 */
export class InFlight {
  count = 0
  previous: Exchange | InFlight = this
  next: Exchange | InFlight = this
  onArrival: ((exchange: Exchange) => void) | undefined = undefined
  onDeparture: ((exchange: Exchange) => void) | undefined = undefined
  /** Pipelined requests whose turn had not come when they arrived. */
  readonly #queued = new Set<Exchange>()

  add(request: IncomingMessage, response: ServerResponse): void {
    const exchange = new Exchange(request, response, this)
    this.previous.next = exchange
    this.previous = exchange
    this.count++
    ;(response as TrackedResponse)[exchangeOf] = exchange
    response.on('close', leave)
    if (response.socket === null) this.#queued.add(exchange)
    this.onArrival?.(exchange)
  }

  remove(exchange: Exchange): void {
    if (exchange.next === exchange) return
    exchange.previous.next = exchange.next
    exchange.next.previous = exchange.previous
    // Whoever keeps one that has left must not keep all that came after it.
    exchange.previous = exchange.next = exchange
    this.count--
    if (this.#queued.size > 0) this.#queued.delete(exchange)
    this.onDeparture?.(exchange)
  }

  /** A response that was never given its socket emits no `close` when the connection ends. */
  connectionClosed(socket: Socket): void {
    for (const exchange of this.#queued) {
      if (exchange.request.socket === socket && exchange.response.socket === null) exchange.leave()
    }
  }

  /** The oldest ones, so many at most. */
  first(count: number): Exchange[] {
    const oldest: Exchange[] = []
    for (const exchange of this) {
      if (oldest.length === count) break
      oldest.push(exchange)
    }
    return oldest
  }

  /** Those that are in flight now; some may leave while one looks at them. */
  [Symbol.iterator](): Iterator<Exchange> {
    const all: Exchange[] = []
    for (let link = this.next; link instanceof Exchange; link = link.next) all.push(link)
    return all.values()
  }
}

/** The exchange that a raw response belongs to; none for an injected one, which has no connection. */
export function findExchange(response: ServerResponse): Exchange | undefined {
  return (response as TrackedResponse)[exchangeOf]
}

/** One listener for all responses, so that no closure is made per request. */
function leave(this: ServerResponse): void {
  findExchange(this)?.leave()
}
