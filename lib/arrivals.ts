import { now, setImmediate, sleep } from './clock.ts'

/** A turn of the event loop in which there was nothing to do takes less than this, in ms. */
const idleTurn = 0.2

/** What arrives, requests and connections alike, and the pauses in between. */
export class Arrivals {
  #count = 0
  #last = 0

  get any(): boolean {
    return this.#count > 0
  }

  mark(): void {
    this.#count++
    this.#last = now()
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

  /** Resolves when nothing has arrived for `spell` ms and `busy` says no, at the latest after `limit` ms. */
  async quiet(spell: number, limit: number, busy: () => boolean = () => false): Promise<void> {
    const begin = now()
    while (now() - begin < limit) {
      const since = now()
      await sleep(spell)
      if (this.#last < since && !busy()) return
    }
  }
}

/** A whole turn of the event loop, the polling for new events included. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}
