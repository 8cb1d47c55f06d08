/** What else readiness depends on. */
interface Conditions {
  /** Whether the app is in the phase in which it wants traffic. */
  isServing(): boolean
  isHeld(): boolean
  areChecksGood(): boolean
}

/** What the readiness probe says, and how often it has said no since the shutdown began. */
export class Readiness {
  readonly #conditions: Conditions
  #shuttingDown = false
  #refusals = 0
  #onRefusal: (() => void) | undefined

  constructor(conditions: Conditions) {
    this.#conditions = conditions
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
  }

  /** The readiness probe was answered: a "not ready" counts towards the end of the lame duck. */
  answered(): void {
    if (!this.#shuttingDown) return
    this.#refusals++
    this.#onRefusal?.()
  }

  /** Resolves once the probe has been answered "not ready" so many times. */
  seenNotReady(times: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onRefusal = () => this.#refusals >= times && resolve()
      this.#onRefusal()
    })
  }
}
