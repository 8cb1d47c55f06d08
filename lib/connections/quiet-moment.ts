import type { Socket } from 'node:net'
import { now, setImmediate } from '../time/clock.ts'
import { within } from '../time/within.ts'
import { wasUsedWithin } from './exchange.ts'

/** A turn of the event loop without work takes less than this, in ms. */
const idleTurn = 0.2

/** A moment is quiet if nothing has arrived for this time, in ms. */
const usualInterval = 25

/** The same if no client is expected. A client that sends one request after another shows up within it. */
export const shortInterval = 2

/** For how many intervals to wait for a request on a new connection: its client may be slow. */
const patienceWithNew = 20

/**
 * The same for a connection that was used at most this many intervals ago, and whose last answer did not end
 * it. Its client has the answer by now, and may send another request.
 */
const patienceWithUsed = 8

/** The same if the app hands over, because it serves requests that still come. */
export const patienceInHandOver = 40

/** Watches connections and requests from the beginning of the shutdown, and finds the pauses between them. */
export class QuietMoment {
  #isWatching = false
  #interval = usualInterval
  #count = 0
  #last = Number.NEGATIVE_INFINITY
  #lastConnection = Number.NEGATIVE_INFINITY
  /** Connections on which a request is likely to come. The number says how many more intervals to wait for it. */
  readonly #expected = new Map<Socket, number>()
  #mostIntervals = patienceWithNew

  /** The shutdown has begun. Before that, nothing is noted. */
  watch(interval: number = usualInterval): void {
    this.#isWatching = true
    this.#interval = interval
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

  /** The connection was opened, or had a request or an answer, a short time ago. */
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
   * No client has got `Connection: close` yet. So a client that has just connected or sent a request may
   * send another one.
   */
  expectAgain(sockets: Iterable<Socket>, intervals: number = patienceWithUsed): void {
    for (const socket of sockets) if (wasUsedWithin(socket, intervals * usualInterval)) this.used(socket)
    for (const [socket, left] of this.#expected) this.#expected.set(socket, Math.max(left, intervals))
    this.#mostIntervals = Math.max(this.#mostIntervals, intervals)
  }

  /**
   * Acts at the end of an idle turn of the event loop. Only then is the system's queue of connections known
   * to be empty. It acts without a delay, because a client may connect in each tenth of a millisecond. Waits
   * `limit` ms at most.
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
   * Resolves when nothing has arrived for an interval, at the latest after `intervals`. If no client is expected,
   * and nothing has arrived since the shutdown began, it resolves at once.
   */
  async quiet(intervals: number): Promise<void> {
    if (this.#interval === shortInterval && !this.hasSeenAny) return
    await this.#quietFor(intervals, () => this.#last)
  }

  /** The same for new connections only: requests may arrive. */
  noNewcomers(intervals: number): Promise<void> {
    return this.#quietFor(intervals, () => this.#lastConnection)
  }

  /**
   * Resolves in a quiet moment in which no request is expected on any connection, and `isBusy` returns
   * false, or as soon as `isOver` resolves.
   */
  async settled(isBusy: () => boolean, isOver?: Promise<void>): Promise<void> {
    const most = this.#mostIntervals
    this.#mostIntervals = patienceWithNew
    for (let count = 0; count < most; count++) {
      const begin = await this.#intervalOver(isOver)
      if (begin === Number.POSITIVE_INFINITY) return
      const isQuiet = begin > this.#last
      this.#losePatience()
      if (isQuiet && this.#expected.size === 0 && !isBusy()) return
    }
  }

  async #quietFor(intervals: number, last: () => number): Promise<void> {
    for (let count = 0; count < intervals; count++) if ((await this.#intervalOver()) > last()) return
  }

  #losePatience(): void {
    for (const [socket, intervals] of this.#expected) {
      if (intervals > 1 && !socket.destroyed) this.#expected.set(socket, intervals - 1)
      else this.#expected.delete(socket)
    }
  }

  /**
   * Waits for an interval, and returns when it began. Limits count intervals and not time, because on a busy
   * machine this process may not run while time passes. Returns infinity if `isOver` resolves before.
   */
  async #intervalOver(isOver: Promise<void> = new Promise(() => {})): Promise<number> {
    const begin = now()
    // A timer counts from the beginning of the event loop's turn, which may have been long.
    do if ((await within(this.#interval, isOver)).outcome !== 'timeout') return Number.POSITIVE_INFINITY
    while (now() - begin < this.#interval - 1)
    // Data that came while this process did not run is read in this turn.
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
