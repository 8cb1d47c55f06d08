import type { IncomingMessage } from 'node:http'
import { longest, shorten } from '../bounds.ts'
import { now } from '../time/clock.ts'

/** How many probers are known at most; those that asked last. */
const mostKnown = 100

/** A prober is one that asked this often before the shutdown began, and lately. */
const leastAsks = 3

/** How long ago a prober may have asked last: so many of its intervals, or so many ms where that is more. */
const mostMissed = 3
const lately = 10_000

/** One that asks the readiness probe, and how often. */
interface Prober {
  readonly asks: number
  readonly last: number
  /** The longer one of the last two times between two of its questions, in ms. */
  readonly interval: number
  readonly lastInterval: number
}

/** A prober that was known when the shutdown began, and how often it was answered "not ready" since then. */
interface Told {
  last: number
  readonly interval: number
  times: number
}

/** Whether the sender asks from another host. */
export function isRemote(sender: string): boolean {
  return sender !== itself && !/^(127\.|::1,|::ffff:127\.|,)/.test(sender)
}

/** The sender of an injected request: the process itself, which is no stranger. */
export const itself = 'the process itself'

/**
 * Who sent a request: a balancer has one address and one user agent. `undefined` where the request was
 * forwarded, since a balancer that probes does not ask for somebody else. Nothing of it gets into a log.
 */
export function senderOf({ socket, headers, httpVersion }: IncomingMessage): string | undefined {
  if (['forwarded', 'x-forwarded-for', 'via'].some((name) => name in headers)) return undefined
  const { 'user-agent': agent = '', host = '' } = headers
  return [socket.remoteAddress, httpVersion, shorten(agent, longest.name), shorten(host, longest.name)].join()
}

/**
 * Who asks the readiness probe. Anybody may ask. But only a client that asked regularly before the shutdown
 * counts as a balancer that must see the 503.
 */
export class Probers {
  readonly #known = new Map<string, Prober>()
  readonly #now: () => number
  readonly #onProber: (sender: string) => void
  #told: Map<string, Told> | undefined

  /** `onProber` is called once it is known that somebody is a prober. */
  constructor(onProber: (sender: string) => void, clock: () => number = now) {
    this.#onProber = onProber
    this.#now = clock
  }

  /**
   * A probe was answered. Before the shutdown this makes a prober known; afterwards it counts as a 503 that
   * the prober has seen.
   */
  answered(sender: string): void {
    if (this.#told === undefined) this.#meet(sender)
    else this.#tell(sender, this.#told)
  }

  /** The shutdown has begun: who is not known by now is not waited for. */
  close(): void {
    const at = this.#now()
    const probers = [...this.#known].filter(([, prober]) => isRegular(prober, at))
    this.#told = new Map(
      probers.map(([sender, { last, interval }]) => [sender, { last, interval, times: 0 }])
    )
  }

  /** Whether there are probers, and each of them has seen "not ready" so many times. */
  allTold(times: number): boolean {
    const told = [...(this.#told?.values() ?? [])]
    return told.length > 0 && told.every((each) => each.times >= times)
  }

  #meet(sender: string): void {
    const at = this.#now()
    const { asks, last, lastInterval } = this.#known.get(sender) ?? { asks: 0, last: at, lastInterval: 0 }
    const interval = Math.max(at - last, lastInterval)
    // The one that asked longest ago is the first.
    this.#known.delete(sender)
    this.#known.set(sender, { asks: asks + 1, last: at, interval, lastInterval: at - last })
    if (asks + 1 === leastAsks) this.#onProber(sender)
    if (this.#known.size <= mostKnown) return
    const [oldest] = this.#known.keys()
    this.#known.delete(oldest as string)
  }

  /** Questions that come in quick succession are not more of an answer than one. */
  #tell(sender: string, told: Map<string, Told>): void {
    if (sender === itself && !told.has(itself)) told.set(itself, { last: 0, interval: 0, times: 0 })
    const prober = told.get(sender)
    const at = this.#now()
    if (prober === undefined || at - prober.last < prober.interval / 2) return
    prober.last = at
    prober.times++
  }
}

function isRegular({ asks, last, interval }: Prober, at: number): boolean {
  return asks >= leastAsks && at - last <= Math.max(mostMissed * interval, lately)
}
