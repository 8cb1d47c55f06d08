import { within } from '../time/within.ts'
import type { Connections } from './connections.ts'
import type { Parked } from './parked.ts'
import type { QuietMoment } from './quiet-moment.ts'
import type { Servers } from './servers.ts'

/** How many intervals of 25 ms to wait at most for a quiet interval, before the listeners are closed. */
const intervalsToListen = 10

/**
 * The same if the app hands over. The limit is lower, because requests are held back meanwhile, and their clients
 * wait.
 */
const intervalsWhileServing = 6

/**
 * How long to look for an idle turn of the event loop. It is this share of the time that is left, between these
 * limits in ms. The listeners are closed in that turn, because in any other turn the system would reset connections.
 * A busy machine has few idle turns, and none if clients never stop coming.
 */
const shareForPause = 1 / 4
const shortestPause = 250
const longestPause = 1_000

/** The parts that `Stop` works with. */
interface Stopped {
  readonly servers: Servers
  readonly connections: Connections
  readonly quietMoment: QuietMoment
  readonly parked: Parked
  /** Whether a request is in flight that the shutdown still waits for. */
  isAnswering(): boolean
  /** Waits for the last answers while there is time, and cuts the others. */
  lastAnswers(): Promise<void>
  /** Whether requests wait for the shutdown, and are answered later. */
  hasWaiting(): boolean
  /** Cuts all requests in flight. With `sparesWaiting`, it leaves out the requests that wait for the shutdown. */
  cutAll(sparesWaiting: boolean): Promise<void>
}

/** Closes the listeners, then every connection. */
export class Stop {
  readonly #what: Stopped

  constructor(what: Stopped) {
    this.#what = what
  }

  /**
   * Closes the listeners and ends the connections when nothing has arrived for a while. When a listener closes, the
   * system resets the connections that wait to be accepted. When a connection ends, a request on its way is lost.
   */
  async politely(limit: number): Promise<void> {
    await within(limit, this.#inQuietMoments(limit))
    if (this.#what.hasWaiting()) await this.#allButWaiting()
    else await this.atOnce()
  }

  /**
   * Only stops accepting; the app still serves open connections. `stopped` is called just before the requests that
   * were held back go on.
   */
  accepting(limit: number, stopped: () => void): Promise<void> {
    return this.#accepting(limit, () => this.#what.quietMoment.noNewcomers(intervalsWhileServing), stopped)
  }

  async atOnce(): Promise<void> {
    await this.#cut(false)
    await this.#what.connections.destroy()
  }

  /** The connections of waiting requests are still needed. All others end politely. */
  async #allButWaiting(): Promise<void> {
    await this.#cut(true)
    await this.#what.connections.end()
  }

  async #cut(sparesWaiting: boolean): Promise<void> {
    const { servers, parked, cutAll } = this.#what
    servers.stopListening()
    parked.release()
    await cutAll(sparesWaiting)
  }

  async #inQuietMoments(limit: number): Promise<void> {
    const { servers, connections, quietMoment, isAnswering, lastAnswers } = this.#what
    if (servers.areListening) await this.#accepting(limit, () => quietMoment.quiet(intervalsToListen))
    if (connections.count > 0) await quietMoment.settled(isAnswering)
    await lastAnswers()
    await connections.end()
  }

  async #accepting(limit: number, quiet: () => Promise<void>, stopped = () => {}): Promise<void> {
    const { servers, connections, quietMoment, parked } = this.#what
    const patience = Math.min(longestPause, Math.max(shortestPause, limit * shareForPause))
    parked.park()
    if (quietMoment.hasSeenAny || connections.count > 0) await quiet()
    servers.rehearse()
    await quietMoment.inPause(patience, () => servers.stopListening())
    stopped()
    parked.release()
  }
}
