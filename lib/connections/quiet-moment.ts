import type { Socket } from 'node:net'
import { now, setImmediate, sleep } from '../time/clock.ts'
import { wasUsedWithin } from './exchange.ts'

/** A turn of the event loop in which there was nothing to do takes less than this, in ms. */
const idleTurn = 0.2

/** How long nothing may have arrived for a quiet moment, in ms. */
const usualSpell = 25

/** The same where nobody is expected: a client that sends one request after another is seen in that time. */
export const shortSpell = 2

/** How many spells a connection that was just opened gets to be used: its client may be short of time. */
const patienceWithNew = 20

/**
 * A connection that was used at most this many spells ago, and whose last answer did not end it, gets as many
 * spells. Its client has the answer by now, and may send another request.
 */
const patienceWithUsed = 8

/** The same where the app hands over, and serves what still comes. */
export const patienceInHandOver = 40

/** Watches what arrives from the shutdown's beginning on, and finds the pauses in between. */
export class QuietMoment {
  #isWatching = false
  #spell = usualSpell
  #count = 0
  #last = Number.NEGATIVE_INFINITY
  #lastConnection = Number.NEGATIVE_INFINITY
  /** The connections that a request is likely to come on, and for how many spells it is waited for. */
  readonly #expected = new Map<Socket, number>()
  #mostSpells = patienceWithNew

  /** The shutdown has begun. Before that, nothing is noted. */
  watch(spell: number = usualSpell): void {
    this.#isWatching = true
    this.#spell = spell
  }

  get hasSeenAny(): boolean {
    return this.#count > 0
  }

  connection(socket: Socket): void {
    if (!this.#isWatching) return
    this.#arrived()
    this.#lastConnection = this.#last
    this.#expected.set(socket, patienceWithNew)
    socket.once('close', () => this.#expected.delete(socket))
  }

  /** The connection was opened, asked on or answered on a short time ago. */
  used(socket: Socket): void {
    if (!this.#expected.has(socket)) this.#expected.set(socket, patienceWithUsed)
  }

  /** A request came. Another one may follow, unless the response says `Connection: close`. */
  request(socket: Socket, isLast: boolean): void {
    if (!this.#isWatching) return
    this.#arrived()
    if (isLast) this.#expected.delete(socket)
    else this.#expected.set(socket, patienceWithUsed)
  }

  /**
   * No client got `Connection: close`. A client that has connected or asked just now may ask again on that
   * connection.
   */
  expectAgain(sockets: Iterable<Socket>, spells: number = patienceWithUsed): void {
    for (const socket of sockets) if (wasUsedWithin(socket, spells * usualSpell)) this.used(socket)
    for (const [socket, left] of this.#expected) this.#expected.set(socket, Math.max(left, spells))
    this.#mostSpells = Math.max(this.#mostSpells, spells)
  }

  /**
   * Acts right after an idle turn of the event loop. Only then the system's queue of connections is known to
   * be empty. It acts within that turn, because a client may connect in each tenth of a millisecond in
   * between. Waits `limit` ms at most.
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

  /**
   * Resolves when nothing has arrived for a spell, at the latest after so many of them. Where nobody is expected, that
   * is at once if nothing has come since the shutdown began.
   */
  async quiet(spells: number): Promise<void> {
    if (this.#spell === shortSpell && !this.hasSeenAny) return
    await this.#quietFor(spells, () => this.#last)
  }

  /** The same where requests may come, and only new connections may not. */
  noNewcomers(spells: number): Promise<void> {
    return this.#quietFor(spells, () => this.#lastConnection)
  }

  /** Resolves in a quiet moment in which no connection is expected to be used any more, and `isBusy` returns false. */
  async settled(isBusy: () => boolean): Promise<void> {
    const most = this.#mostSpells
    this.#mostSpells = patienceWithNew
    for (let count = 0; count < most; count++) {
      const isQuiet = (await this.#spellOver()) > this.#last
      this.#losePatience()
      if (isQuiet && this.#expected.size === 0 && !isBusy()) return
    }
  }

  async #quietFor(spells: number, last: () => number): Promise<void> {
    for (let count = 0; count < spells; count++) if ((await this.#spellOver()) > last()) return
  }

  #losePatience(): void {
    for (const [socket, spells] of this.#expected) {
      if (spells > 1 && !socket.destroyed) this.#expected.set(socket, spells - 1)
      else this.#expected.delete(socket)
    }
  }

  /**
   * Waits for a spell, and returns when it began. Limits count spells and not time, which passes without us on a
   * busy machine.
   */
  async #spellOver(): Promise<number> {
    const begin = now()
    // A timer counts from the beginning of the event loop's turn, which may have been long.
    do await sleep(this.#spell)
    while (now() - begin < this.#spell - 1)
    // What came while this process was short of time is still to be read.
    await new Promise<void>(afterTurn)
    return begin
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
