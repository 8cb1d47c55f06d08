import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { ArrivalAddress, ArrivalReport } from '../report/arrivals.ts'
import { now, round } from '../time/clock.ts'

/** How many addresses are kept. */
const mostAddresses = 5

interface Sender {
  count: number
  last: number
}

/** Counts the requests that still arrive after the shutdown has begun, and their senders. */
export class Arrivals {
  readonly #since: number
  readonly #kept = new WeakSet<object>()
  readonly #senders = new Map<string, Sender>()
  #hasDrainBegun = false
  #count = 0
  #afterDrain = 0
  #onKept = 0
  #others = 0
  #last = 0

  /** `open` are the connections that are open when the shutdown begins, at `since`. */
  constructor(open: Iterable<object>, since: number) {
    this.#since = since
    for (const connection of open) this.#kept.add(connection)
  }

  /** From now on, requests come too late. */
  drainBegins(): void {
    this.#hasDrainBegun = true
  }

  /** Counts a request that is not a probe. */
  note(request: IncomingMessage): void {
    const address = addressOf(request)
    if (address === undefined) return
    this.#count++
    this.#last = now() - this.#since
    if (this.#hasDrainBegun) this.#afterDrain++
    if (this.#kept.has(connectionOf(request))) this.#onKept++
    const sender = this.#senders.get(address)
    if (sender !== undefined) {
      sender.count++
      sender.last = this.#last
    } else if (this.#senders.size < mostAddresses) {
      this.#senders.set(address, { count: 1, last: this.#last })
    } else this.#others++
  }

  /** The counts so far; `undefined` if no request has arrived. */
  get tally(): ArrivalReport | undefined {
    if (this.#count === 0) return undefined
    const addresses = [...this.#senders].map(
      ([address, { count, last }]): ArrivalAddress => ({ address, count, last: round(last) })
    )
    return {
      ...{ count: this.#count, afterDrain: this.#afterDrain, last: round(this.#last) },
      ...{ onNew: this.#count - this.#onKept, onKept: this.#onKept },
      ...{ addresses, others: this.#others }
    }
  }
}

function connectionOf(request: IncomingMessage): object {
  const { stream } = request as unknown as Partial<Http2ServerRequest>
  return stream?.session ?? request.socket
}

/** The address of the sender; `undefined` if the request comes from this machine, or through a unix socket. */
function addressOf({ socket }: IncomingMessage): string | undefined {
  const address = socket?.remoteAddress?.replace(/^::ffff:/, '')
  return address === undefined || address === '::1' || address.startsWith('127.') ? undefined : address
}
