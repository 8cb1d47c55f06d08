import type { IncomingMessage } from 'node:http'
import { longest, shorten } from '../bounds.ts'
import { now } from '../time/clock.ts'

/** How many probers are remembered at most. The ones that asked last stay. */
const mostKnown = 100

/** A client counts as a prober if it asked at least this often before the shutdown began, and not long ago. */
const leastAsks = 3

/**
 * A prober counts only if its last question is not too old. The limit is `mostMissed` of its intervals, or `lately` in
 * ms, whichever is longer.
 */
const mostMissed = 3
const lately = 10_000

/** A client that asks the readiness probe, and how often it asks. */
interface Prober {
  readonly asks: number
  readonly last: number
  /** The longer of its last two intervals, in ms. */
  readonly interval: number
  readonly lastInterval: number
}

/** A prober that was known when the shutdown began, and how often it has received "not ready" since then. */
interface Told {
  last: number
  readonly interval: number
  times: number
}

/** Whether the sender is on another host. */
export function isRemote(sender: string): boolean {
  return sender !== itself && !/^(127\.|::1,|::ffff:127\.|,)/.test(sender)
}

/** The sender of an injected request: the process itself. It always counts as a prober. */
export const itself = 'the process itself'

/**
 * Identifies the sender of a request: a balancer has one address and one user agent. `undefined` if the request
 * was forwarded, because a balancer sends its probes directly. The identity is never logged.
 */
export function senderOf({ socket, headers, httpVersion }: IncomingMessage): string | undefined {
  if (['forwarded', 'x-forwarded-for', 'via'].some((name) => name in headers)) return undefined
  const { 'user-agent': agent = '', host = '' } = headers
  return [socket.remoteAddress, httpVersion, shorten(agent, longest.name), shorten(host, longest.name)].join()
}

/**
 * The clients that ask the readiness probe. Anybody may ask. But only a client that asked regularly before the
 * shutdown counts as a balancer that must see the 503.
 */
export class Probers {
  readonly #known = new Map<string, Prober>()
  readonly #now: () => number
  readonly #onProber: (sender: string) => void
  #told: Map<string, Told> | undefined

  /** `onProber` is called once a client has asked often enough to count as a prober. */
  constructor(onProber: (sender: string) => void, clock: () => number = now) {
    this.#onProber = onProber
    this.#now = clock
  }

  /**
   * Called when a probe was answered. Before the shutdown, this counts as one question of a client. After that,
   * it counts as a 503 that a prober has seen.
   */
  answered(sender: string): void {
    if (this.#told === undefined) this.#meet(sender)
    else this.#tell(sender, this.#told)
  }

  /** Called when the shutdown begins. The lame duck waits only for probers that are known by now. */
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
    // The map stays ordered by the last question: the client that asked longest ago is the first.
    this.#known.delete(sender)
    this.#known.set(sender, { asks: asks + 1, last: at, interval, lastInterval: at - last })
    if (asks + 1 === leastAsks) this.#onProber(sender)
    if (this.#known.size <= mostKnown) return
    const [oldest] = this.#known.keys()
    this.#known.delete(oldest as string)
  }

  /** Several answers in quick succession count as one, because the prober may not have acted between them. */
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
