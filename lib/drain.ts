import type { Socket } from 'node:net'
import { within } from './bounded.ts'
import { endPolitely } from './connections.ts'
import { isServedWhileDraining } from './gate.ts'
import type { Exchange, InFlight } from './in-flight.ts'

/**
 * The drain: waits until nothing that was admitted is in flight any more.
 *
 * What was in flight when it began was admitted. Whatever arrives later has to pass the gate, is
 * told that the connection ends, and is not waited for: neither what the gate rejects nor what it
 * lets in.
 */
export class Drain {
  readonly #admitted = new WeakSet<Exchange>()
  readonly #waitingFor = new Set<Exchange>()
  /** Those whose headers, sent before the drain began, have promised to keep the connection alive. */
  readonly #keptAlive = new Set<Exchange>()
  readonly #flight: InFlight
  #onSettled: (() => void) | undefined

  constructor(flight: InFlight) {
    this.#flight = flight
    for (const exchange of flight) {
      this.#admitted.add(exchange)
      if (!announceClose(exchange)) this.#keptAlive.add(exchange)
      if (exchange.routed === undefined || !isServedWhileDraining(exchange.routed))
        this.#waitingFor.add(exchange)
    }
  }

  isAdmitted(exchange: Exchange): boolean {
    return this.#admitted.has(exchange)
  }

  arrived(exchange: Exchange): void {
    announceClose(exchange)
  }

  departed(exchange: Exchange): void {
    if (this.#keptAlive.delete(exchange)) this.#endIfIdle(exchange.request.socket)
    this.#waitingFor.delete(exchange)
    if (this.#waitingFor.size === 0) this.#onSettled?.()
  }

  /** Resolves when all is over, or at the limit, with what is still in flight then. */
  async finish(limit: number): Promise<readonly Exchange[]> {
    const settled = await within(limit, this.#settled())
    return settled.outcome === 'timeout' ? [...this.#waitingFor] : []
  }

  #endIfIdle(socket: Socket): void {
    for (const { request } of this.#flight) if (request.socket === socket) return
    endPolitely(socket)
  }

  #settled(): Promise<void> {
    if (this.#waitingFor.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onSettled = resolve
    })
  }
}

/** Tells the client not to reuse the connection (RFC 9112 §9.6); whether that was still possible. */
function announceClose({ request, response }: Exchange): boolean {
  if (request.httpVersionMajor !== 1) return true
  if (response.headersSent) return false
  response.setHeader('connection', 'close')
  return true
}
