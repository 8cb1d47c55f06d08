import { Probers } from './probers.ts'

/** What else readiness depends on. */
interface Conditions {
  /** Whether the app is in the phase in which it wants traffic. */
  isServing(): boolean
  isHeld(): boolean
  areChecksGood(): boolean
  onProber(sender: string): void
}

/** What the readiness probe says, and whether those that probe have heard that the app is not ready any more. */
export class Readiness {
  readonly #conditions: Conditions
  #shuttingDown = false
  readonly #probers: Probers
  #onRefusal: (() => void) | undefined

  constructor(conditions: Conditions) {
    this.#conditions = conditions
    this.#probers = new Probers((sender) => conditions.onProber(sender))
  }

  get ready(): boolean {
    return this.mayBeReady && this.#conditions.areChecksGood()
  }

  /** Whether it depends on the checks at all. */
  get mayBeReady(): boolean {
    return !this.#shuttingDown && this.#conditions.isServing() && !this.#conditions.isHeld()
  }

  get isLatchedOff(): boolean {
    return this.#shuttingDown
  }

  /** Off, and never on again. */
  latchOff(): void {
    this.#shuttingDown = true
    this.#probers.close()
  }

  /** The readiness probe was answered. */
  answered(sender: string): void {
    this.#probers.answered(sender)
    this.#onRefusal?.()
  }

  /** Resolves once each prober has been answered "not ready" so many times. */
  seenNotReady(times: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onRefusal = () => this.#probers.allTold(times) && resolve()
      this.#onRefusal()
    })
  }
}
