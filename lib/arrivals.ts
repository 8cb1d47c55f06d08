import { now, setImmediate, sleep } from './clock.ts'

/** A turn of the event loop in which there was nothing to do takes less than this, in ms. */
const idleTurn = 0.2

/** How long after one request there may be another, in ms. */
const requestSpell = 25

/** How long after a connection there may be its first request, in ms: its client may be short of time. */
const connectionSpell = 60

/** What arrives, requests and connections alike, and the pauses in between. */
export class Arrivals {
  #count = 0
  #lastRequest = Number.NEGATIVE_INFINITY
  #lastConnection = Number.NEGATIVE_INFINITY

  get any(): boolean {
    return this.#count > 0
  }

  request(): void {
    this.#count++
    this.#lastRequest = now()
  }

  connection(): void {
    this.#count++
    this.#lastConnection = now()
  }

  /**
   * Resolves right after a turn of the event loop that had nothing to do: the one moment in which
   * the system's queue of connections is known to be empty. Waits `limit` ms at most.
   */
  async pause(limit: number): Promise<void> {
    const end = now() + limit
    let begin: number
    let seen: number
    do {
      seen = this.#count
      begin = now()
      await turn()
    } while ((this.#count !== seen || now() - begin > idleTurn) && now() < end)
  }

  /** Resolves when nothing has arrived for a while, at the latest after `limit` ms. */
  async quiet(limit: number): Promise<void> {
    await this.#until(limit, () => Math.max(this.#lastRequest, this.#lastConnection) + requestSpell)
  }

  /** Resolves when, besides, every connection has had time to be used and `isBusy` says no. */
  async used(limit: number, isBusy: () => boolean): Promise<void> {
    await this.#until(limit, () =>
      isBusy()
        ? now() + requestSpell
        : Math.max(this.#lastRequest + requestSpell, this.#lastConnection + connectionSpell)
    )
  }

  /** Waits a spell, and then as long as the time that `quietFrom` tells has not come. */
  async #until(limit: number, quietFrom: () => number): Promise<void> {
    const end = now() + limit
    let until = now() + requestSpell
    while (now() < until && now() < end) {
      await sleep(until - now())
      // What came while this process was short of time is still to be read.
      await turn()
      until = quietFrom()
    }
  }
}

/** A whole turn of the event loop, the polling for new events included. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}
