import { Probers } from './probers.ts'

/** What readiness depends on, besides the shutdown. */
interface Conditions {
  /** Whether the app is in the phase `ready`. */
  isServing(): boolean
  isHeld(): boolean
  areChecksGood(): boolean
  onProber(sender: string): void
}

/** Decides what the readiness probe answers, and whether all probers have seen that the app is no longer ready. */
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

  /** Whether only the checks decide now. If this is `false`, the app is not ready, whatever its checks say. */
  get mayBeReady(): boolean {
    return !this.#shuttingDown && this.#conditions.isServing() && !this.#conditions.isHeld()
  }

  get isLatchedOff(): boolean {
    return this.#shuttingDown
  }

  /** Turns readiness off for good. */
  latchOff(): void {
    this.#shuttingDown = true
    this.#probers.close()
  }

  /** Called when the readiness probe was answered. */
  answered(sender: string): void {
    this.#probers.answered(sender)
    this.#onRefusal?.()
  }

  /** Resolves once each prober has received "not ready" this many times. */
  seenNotReady(times: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onRefusal = () => this.#probers.allTold(times) && resolve()
      this.#onRefusal()
    })
  }
}
