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

/** Who still sends requests after the shutdown has begun. */
export class Arrivals {
  readonly #since = now()
  readonly #kept = new WeakSet<object>()
  readonly #senders = new Map<string, Sender>()
  #hasDrainBegun = false
  #count = 0
  #afterDrain = 0
  #onKept = 0
  #others = 0
  #last = 0

  /** `open` are the connections that there are when it begins. */
  constructor(open: Iterable<object>) {
    for (const connection of open) this.#kept.add(connection)
  }

  /** Requests come too late from now on. */
  drainBegins(): void {
    this.#hasDrainBegun = true
  }

  /** A request has arrived that is no probe. */
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

  /** What it has come to, if anything came. */
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

/** `undefined` for what comes from this machine, or through a unix socket. */
function addressOf({ socket }: IncomingMessage): string | undefined {
  const address = socket?.remoteAddress?.replace(/^::ffff:/, '')
  return address === undefined || address === '::1' || address.startsWith('127.') ? undefined : address
}
