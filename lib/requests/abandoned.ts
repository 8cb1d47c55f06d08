import { type Exchange, onceAnswered } from '../connections/exchange.ts'

/** Requests that a client left together. */
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
  readonly #groupOf = new WeakMap<object, Group>()
  readonly #answered: (exchange: Exchange) => void

  constructor(onAnswered: (exchange: Exchange) => void) {
    // One function for all requests, because a client may leave many requests at once.
    this.#answered = (exchange) => {
      this.#groupOf.get(togetherWith(exchange))?.delete(exchange)
      onAnswered(exchange)
    }
  }

  add(exchange: Exchange): void {
    const key = togetherWith(exchange)
    const group = this.#groupOf.get(key) ?? this.#begin(key)
    group.add(exchange)
    onceAnswered(exchange, this.#answered)
  }

  *[Symbol.iterator](): Iterator<Exchange> {
    for (const ref of this.#groups) yield* ref.deref() ?? []
  }

  #begin(key: object): Group {
    const group: Group = new Set()
    this.#groupOf.set(key, group)
    const ref = new WeakRef(group)
    this.#groups.add(ref)
    this.#collected.register(group, ref)
    return group
  }
}

/**
 * The requests of an HTTP/1.1 connection share a group. An HTTP/2 stream is alone, because other streams of its
 * connection may go on for long.
 */
function togetherWith(exchange: Exchange): object {
  return exchange.request.httpVersionMajor === 2 ? exchange : exchange.request.socket
}
