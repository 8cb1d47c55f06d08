import { longest, namedAtMost, shorten } from '../bounds.ts'
import { clearTimeout, longestDelay, now, setTimeout } from '../time/clock.ts'
import { invalid } from '../validation/validate.ts'

/** Ends a hold of readiness. Call it, or declare it with `using`. A second call changes nothing. */
export interface Release extends Disposable {
  (): void
}

/** Receives the names of the oldest holds, the number of all holds, and the age of the oldest one in ms. */
export type OnHeld = (names: readonly string[], count: number, ms: number) => void

/** The holds that keep the app from being ready. */
export class Holds {
  readonly #held = new Map<symbol, { readonly name: string; readonly since: number }>()
  readonly #onHeld: OnHeld
  readonly #patience: number
  #reminder: NodeJS.Timeout | undefined
  #isOver = false

  /** `onHeld` is called after `patience` ms, then after twice that time, and so on. */
  constructor(onHeld: OnHeld, patience = 30_000) {
    this.#onHeld = onHeld
    this.#patience = patience
  }

  get count(): number {
    return this.#held.size
  }

  /** The names of the oldest holds, the oldest first, as many as are shown. */
  get names(): string[] {
    const oldest: string[] = []
    for (const { name } of this.#held.values()) {
      if (oldest.length === namedAtMost) break
      oldest.push(shorten(name, longest.name))
    }
    return oldest
  }

  add(name: string): Release {
    if (typeof name !== 'string' || name === '') {
      throw invalid('hold', 'given a name that is a string and not empty', name)
    }
    const key = Symbol(name)
    this.#held.set(key, { name, since: now() })
    if (this.#reminder === undefined && !this.#isOver) this.#remindAfter(this.#patience)
    const release = () => this.#release(key)
    return Object.assign(release, { [Symbol.dispose]: release })
  }

  #release(key: symbol): void {
    this.#held.delete(key)
    if (this.#held.size === 0) this.#forget()
  }

  /** Stops the reminders, because the app shuts down. */
  stop(): void {
    this.#isOver = true
    this.#forget()
  }

  #forget(): void {
    clearTimeout(this.#reminder)
    this.#reminder = undefined
  }

  #remindAfter(ms: number): void {
    this.#reminder = setTimeout(() => {
      const [oldest] = this.#held.values()
      this.#onHeld(this.names, this.count, Math.round(now() - (oldest as { since: number }).since))
      this.#remindAfter(Math.min(2 * ms, longestDelay))
    }, ms).unref()
  }
}
