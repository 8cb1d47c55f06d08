import type { Exchange } from '../connections/exchange.ts'
import { within } from '../time/within.ts'
import type { InFlight } from './in-flight.ts'
import { isServedToTheEnd } from './route.ts'

/**
 * The drain: waits until the requests that were in flight when it began are done.
 *
 * A request that arrives after the drain began is late. The drain waits until the gate decides about it, or until
 * something before the gate answers it. Requests that arrive during that wait do not keep the drain open. If the app
 * hands over, the drain always waits for late requests. This wait ends, because there are no new connections, and
 * each open connection ends with its next response.
 */
export class Drain {
  readonly #handsOver: boolean
  readonly #isExcused: (exchange: Exchange) => boolean
  readonly #admitted = new WeakSet<Exchange>()
  readonly #late = new Set<Exchange>()
  #waitingFor = new Set<Exchange>()
  #onSettled: (() => void) | undefined

  /** A request for which `isExcused` is true passes the gate, but the drain does not wait for it. */
  constructor(
    flight: InFlight,
    {
      handsOver = false,
      isExcused = () => false
    }: { handsOver?: boolean; isExcused?: (exchange: Exchange) => boolean } = {}
  ) {
    this.#handsOver = handsOver
    this.#isExcused = isExcused
    // A request that follows the last response of its connection gets no answer. Its client knows that from
    // `Connection: close`.
    for (const exchange of flight) if (exchange.fate !== 'ignored') this.#admit(exchange)
  }

  isAdmitted(exchange: Exchange): boolean {
    return this.#admitted.has(exchange)
  }

  arrived(exchange: Exchange): void {
    if (exchange.fate !== undefined) return
    if (this.#handsOver) this.#admit(exchange)
    else this.#late.add(exchange)
  }

  get isWaiting(): boolean {
    return this.#waitingFor.size > 0
  }

  isWaitingFor(exchange: Exchange): boolean {
    return this.#waitingFor.has(exchange)
  }

  /**
   * Called when the gate has decided about a request. The drain does not wait for a request that was rejected, or
   * that is always served. The route of the request is known only now.
   */
  decided(exchange: Exchange): void {
    if (!this.#admitted.has(exchange) || isServedToTheEnd(exchange)) this.departed(exchange)
  }

  departed(exchange: Exchange): void {
    this.#late.delete(exchange)
    if (this.#waitingFor.delete(exchange) && this.#waitingFor.size === 0) this.#onSettled?.()
  }

  /**
   * Resolves when the drain waits for no more requests, at the latest after `limit` ms, with those that are
   * left.
   */
  async settled(limit: number): Promise<readonly Exchange[]> {
    if (this.#waitingFor.size > 0) {
      const all = new Promise<void>((resolve) => {
        this.#onSettled = resolve
      })
      await within(limit, all)
    }
    return [...this.#waitingFor]
  }

  /** From now on, the drain also waits for the late requests that have arrived so far. */
  includeLate(): void {
    for (const exchange of this.#late) this.#waitingFor.add(exchange)
  }

  /** From now on, the drain also waits for a request that was excused. */
  include(exchange: Exchange): void {
    this.#waitingFor.add(exchange)
  }

  #admit(exchange: Exchange): void {
    this.#admitted.add(exchange)
    if (!isServedToTheEnd(exchange) && !this.#isExcused(exchange)) this.#waitingFor.add(exchange)
  }
}
