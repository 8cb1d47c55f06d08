import { apart } from '../time/apart.ts'

/** Calls `act` now, or at a better moment. */
export type Postpone = (act: () => void) => void

/**
 * Holds answers back until the listener is closed. If the app hands over, it holds back requests instead. A
 * client that waits for its answer does not connect again at that moment. If it did, its connection could be
 * reset, because a closing listener resets the connections that wait to be accepted.
 */
export class Parked {
  #waiting: (() => void)[] | undefined

  park(): void {
    this.#waiting = []
  }

  get isParking(): boolean {
    return this.#waiting !== undefined
  }

  release(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const act of waiting) apart(act)
  }

  /** Calls `act` now, or when `release` is called. */
  readonly postpone: Postpone = (act) => {
    if (this.#waiting === undefined) act()
    else this.#waiting.push(act)
  }
}
