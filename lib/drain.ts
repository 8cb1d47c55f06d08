import { within } from './bounded.ts'
import { isServedWhileDraining } from './gate.ts'
import type { Exchange, InFlight } from './in-flight.ts'

/**
 * The drain: waits until nothing that was admitted is in flight any more.
 *
 * What was in flight when it began was admitted. Whatever arrives later has to pass the gate, and
 * is not waited for: neither what the gate rejects nor what it lets in.
 */
export class Drain {
  readonly #admitted = new WeakSet<Exchange>()
  readonly #waitingFor = new Set<Exchange>()
  #onSettled: (() => void) | undefined

  constructor(flight: InFlight) {
    for (const exchange of flight) {
      // Behind its connection's last response: nobody answers it, and its client knows.
      if (exchange.fate === 'ignored') continue
      this.#admitted.add(exchange)
      if (exchange.reply === undefined || !isServedWhileDraining(exchange.reply.request))
        this.#waitingFor.add(exchange)
    }
  }

  /** Whether anything that was admitted is in flight. */
  get isWaiting(): boolean {
    return this.#waitingFor.size > 0
  }

  isAdmitted(exchange: Exchange): boolean {
    return this.#admitted.has(exchange)
  }

  departed(exchange: Exchange): void {
    this.#waitingFor.delete(exchange)
    if (this.#waitingFor.size === 0) this.#onSettled?.()
  }

  /** Resolves when all is over, at the latest after `limit` ms, with what is still in flight then. */
  async settled(limit: number): Promise<readonly Exchange[]> {
    if (this.isWaiting) {
      const all = new Promise<void>((resolve) => {
        this.#onSettled = resolve
      })
      await within(limit, all)
    }
    return [...this.#waitingFor]
  }
}
