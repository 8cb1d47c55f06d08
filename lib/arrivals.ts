import type { Socket } from 'node:net'
import { now, setImmediate, sleep } from './clock.ts'

/** A turn of the event loop in which there was nothing to do takes less than this, in ms. */
const idleTurn = 0.2

/** How long nothing may have arrived for a quiet moment, in ms. */
const spell = 25

/** How many spells a connection that was just opened gets to be used: its client may be short of time. */
const patienceWithNew = 20

/** How many spells a connection gets that was used a short time ago, and was not told to end. */
const patienceWithUsed = 8

/** How long ago that is at most, in ms: its client has the answer by now, and thinks. */
export const shortTime: number = patienceWithUsed * spell

/** What arrives, requests and connections alike, and the pauses in between. */
export class Arrivals {
  #count = 0
  #last = Number.NEGATIVE_INFINITY
  /** The connections that a request is likely to come on, and for how many spells it is waited for. */
  readonly #expected = new Map<Socket, number>()

  get any(): boolean {
    return this.#count > 0
  }

  connection(socket: Socket): void {
    this.#arrived()
    this.#expected.set(socket, patienceWithNew)
    socket.once('close', () => this.#expected.delete(socket))
  }

  /** One that was opened, asked on or answered on a short time ago. */
  used(socket: Socket): void {
    if (!this.#expected.has(socket)) this.#expected.set(socket, patienceWithUsed)
  }

  /** A request came; whether there may be another one after it depends on what its client was told. */
  request(socket: Socket, isLast: boolean): void {
    this.#arrived()
    if (isLast) this.#expected.delete(socket)
    else this.#expected.set(socket, patienceWithUsed)
  }

  /**
   * Acts right after a turn of the event loop that had nothing to do: the one moment in which the
   * system's queue of connections is known to be empty. Within that very turn, because each tenth of a
   * millisecond in between is one in which a client may connect. Waits `limit` ms at most.
   */
  inPause(limit: number, act: () => void): Promise<void> {
    const end = now() + limit
    return new Promise((resolve) => {
      const look = () => {
        const seen = this.#count
        const begin = now()
        afterTurn(() => {
          const isPause = this.#count === seen && now() - begin <= idleTurn
          if (!isPause && now() < end) return look()
          act()
          resolve()
        })
      }
      look()
    })
  }

  /** Resolves when nothing has arrived for a spell, at the latest after so many of them. */
  async quiet(spells: number): Promise<void> {
    for (let count = 0; count < spells; count++) if (await this.#nothingArrives()) return
  }

  /** Resolves when, besides, no connection is expected to be used any more, and `isBusy` says no. */
  async settled(isBusy: () => boolean): Promise<void> {
    for (let count = 0; count < patienceWithNew; count++) {
      const isQuiet = await this.#nothingArrives()
      this.#losePatience()
      if (isQuiet && this.#expected.size === 0 && !isBusy()) return
    }
  }

  #losePatience(): void {
    for (const [socket, spells] of this.#expected) {
      if (spells > 1 && !socket.destroyed) this.#expected.set(socket, spells - 1)
      else this.#expected.delete(socket)
    }
  }

  /** Waits for a spell: limits count these and not time, which passes without us on a busy machine. */
  async #nothingArrives(): Promise<boolean> {
    const begin = now()
    // A timer counts from the beginning of the event loop's turn, which may have been long.
    do await sleep(spell)
    while (now() - begin < spell - 1)
    // What came while this process was short of time is still to be read.
    await new Promise<void>(afterTurn)
    return this.#last < begin
  }

  #arrived(): void {
    this.#count++
    this.#last = now()
  }
}

/** Calls back after a whole turn of the event loop, the polling for new events included. */
function afterTurn(callback: () => void): void {
  setImmediate(() => setImmediate(callback))
}
