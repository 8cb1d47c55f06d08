import { apart } from '../time/apart.ts'

/** Does something now, or at a better moment. */
export type Postpone = (act: () => void) => void

/**
 * What is held back for the moment in which a listener is closed: answers, and requests where the app serves on.
 * A client that waits for its answer is not about to connect, and a connection that waits to be accepted would
 * be reset.
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

  /** Acts now, or at the `release`. */
  readonly postpone: Postpone = (act) => {
    if (this.#waiting === undefined) act()
    else this.#waiting.push(act)
  }
}
