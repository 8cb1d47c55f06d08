import type { Phase } from './phases.ts'

/** What the readiness probe says, and how often it has said no since the shutdown began. */
export class Readiness {
  readonly #phase: () => Phase
  #shuttingDown = false
  #refusals = 0
  #onRefusal: (() => void) | undefined

  constructor(phase: () => Phase) {
    this.#phase = phase
  }

  get ready(): boolean {
    return this.#phase() === 'ready' && !this.#shuttingDown
  }

  /** Off, and never on again. */
  latchOff(): void {
    this.#shuttingDown = true
  }

  /** The readiness probe asks: the answer counts towards the end of the lame duck. */
  answer(): boolean {
    if (this.#shuttingDown) {
      this.#refusals++
      this.#onRefusal?.()
    }
    return this.ready
  }

  /** Resolves once the probe has been answered "not ready" so many times. */
  seenNotReady(times: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onRefusal = () => this.#refusals >= times && resolve()
      this.#onRefusal()
    })
  }
}
