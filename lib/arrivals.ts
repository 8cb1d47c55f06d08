import type { Socket } from 'node:net'
import { now, setImmediate, sleep } from './clock.ts'

/** A turn of the event loop in which there was nothing to do takes less than this, in ms. */
const idleTurn = 0.2

/** How long nothing may have arrived for a quiet moment, in ms. */
const spell = 25

/** What arrives, requests and connections alike, and the pauses in between. */
export class Arrivals {
  #count = 0
  #last = Number.NEGATIVE_INFINITY
  /** Connections that have not been used: their clients may be short of time, and about to. */
  readonly #unused = new Set<Socket>()

  get any(): boolean {
    return this.#count > 0
  }

  connection(socket: Socket): void {
    this.#arrived()
    this.#unused.add(socket)
    socket.once('close', () => this.#unused.delete(socket))
  }

  request(socket: Socket): void {
    this.#arrived()
    this.#unused.delete(socket)
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

  /** Resolves when nothing has arrived for a spell, at the latest after so many of them. */
  async quiet(spells: number): Promise<void> {
    for (let count = 0; count < spells; count++) if (await this.#nothingArrives()) return
  }

  /** Resolves when, besides, every new connection has been used, and `isBusy` says no. */
  async used(spells: number, isBusy: () => boolean): Promise<void> {
    for (let count = 0; count < spells; count++) {
      const isQuiet = await this.#nothingArrives()
      if (isQuiet && this.#unused.size === 0 && !isBusy()) return
    }
  }

  /** Waits for a spell: limits count these and not time, which passes without us on a busy machine. */
  async #nothingArrives(): Promise<boolean> {
    const begin = now()
    await sleep(spell)
    // What came while this process was short of time is still to be read.
    await turn()
    return this.#last < begin
  }

  #arrived(): void {
    this.#count++
    this.#last = now()
  }
}

/** A whole turn of the event loop, the polling for new events included. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}
