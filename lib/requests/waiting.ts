import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Exchange, findExchange } from '../connections/exchange.ts'
import type { Caller } from './caller.ts'
import { describeExchange } from './describe.ts'

/** The requests whose handlers wait for the shutdown. The shutdown does not wait for these requests. */
export class Waiting {
  readonly #inFlight: Iterable<Exchange>
  readonly #onExcused: (exchange: Exchange) => void
  readonly #releases = new Map<Exchange, Set<() => void>>()

  /** `onExcused` is called when a handler begins to wait. */
  constructor(inFlight: Iterable<Exchange>, onExcused: (exchange: Exchange) => void) {
    this.#inFlight = inFlight
    this.#onExcused = onExcused
  }

  /**
   * The request that is answered with this reply, as a caller; `undefined` for an injected request, because nothing
   * waits for it.
   */
  readonly callerOf = ({ raw }: Pick<FastifyReply, 'raw'>): Caller | undefined => {
    const exchange = findExchange(raw)
    return exchange === undefined ? undefined : this.#asCaller(exchange)
  }

  /** The same, found by the raw request. */
  callerWith({ raw }: Pick<FastifyRequest, 'raw'>): Caller | undefined {
    for (const exchange of this.#inFlight) if (exchange.request === raw) return this.#asCaller(exchange)
    return undefined
  }

  has(exchange: Exchange): boolean {
    return this.#releases.has(exchange)
  }

  get isEmpty(): boolean {
    return this.#releases.size === 0
  }

  delete(exchange: Exchange): void {
    this.#releases.delete(exchange)
  }

  /** Lets the handlers go on, and returns their requests. From now on, these requests count like all others. */
  release(): Exchange[] {
    const waiting = [...this.#releases]
    for (const [, releases] of waiting) for (const release of releases) release()
    this.#releases.clear()
    return waiting.map(([exchange]) => exchange)
  }

  #asCaller(exchange: Exchange): Caller {
    const { method, route } = describeExchange(exchange)
    return {
      who: `the handler of ${method} ${route}`,
      excuse: (release) => {
        const releases = this.#releases.get(exchange) ?? new Set()
        this.#releases.set(exchange, releases.add(release))
        this.#onExcused(exchange)
      }
    }
  }
}
