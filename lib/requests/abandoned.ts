import type { Socket } from 'node:net'
import { type Exchange, onceAnswered } from '../connections/exchange.ts'

/** Requests that were left together. */
type Group = Set<Exchange>

/**
 * Requests whose client has gone before a shutdown began, and whose handler is still at work.
 *
 * A handler that can never go on is collected as garbage, so these references are weak. All requests of a
 * closed connection share one reference, because weak references are expensive, and a client may have sent
 * many requests at once.
 */
export class Abandoned {
  readonly #groups = new Set<WeakRef<Group>>()
  readonly #collected = new FinalizationRegistry<WeakRef<Group>>((ref) => this.#groups.delete(ref))
  readonly #groupOf = new WeakMap<Socket, Group>()
  readonly #onAnswered: (exchange: Exchange) => void

  constructor(onAnswered: (exchange: Exchange) => void) {
    this.#onAnswered = onAnswered
  }

  add(exchange: Exchange): void {
    const group = this.#groupFor(exchange)
    group.add(exchange)
    onceAnswered(exchange, () => {
      group.delete(exchange)
      this.#onAnswered(exchange)
    })
  }

  *[Symbol.iterator](): Iterator<Exchange> {
    for (const ref of this.#groups) yield* ref.deref() ?? []
  }

  /** A stream of HTTP/2 is alone: others on its connection may go on for long. */
  #groupFor({ request }: Exchange): Group {
    if (request.httpVersionMajor === 2) return this.#begin()
    const group = this.#groupOf.get(request.socket) ?? this.#begin()
    this.#groupOf.set(request.socket, group)
    return group
  }

  #begin(): Group {
    const group: Group = new Set()
    const ref = new WeakRef(group)
    this.#groups.add(ref)
    this.#collected.register(group, ref)
    return group
  }
}
