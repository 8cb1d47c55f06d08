import { longest, namedAtMost, shorten } from '../bounds.ts'
import { clearTimeout, longestDelay, now, setTimeout } from '../time/clock.ts'
import { invalid } from '../validation/validate.ts'

/** Lets readiness go again. For `using`, or to be called; calling it again changes nothing. */
export interface Release extends Disposable {
  (): void
}

/** Hears what has held readiness off for so many ms: the oldest names, and the number of all. */
export type OnHeld = (names: readonly string[], count: number, ms: number) => void

/** What holds readiness off. */
export class Holds {
  readonly #held = new Map<symbol, { readonly name: string; readonly since: number }>()
  readonly #onHeld: OnHeld
  readonly #patience: number
  #reminder: NodeJS.Timeout | undefined
  #isOver = false

  /** `onHeld` is called after `patience` ms, then after twice as many, and so on. */
  constructor(onHeld: OnHeld, patience = 30_000) {
    this.#onHeld = onHeld
    this.#patience = patience
  }

  get count(): number {
    return this.#held.size
  }

  /** The names of what holds it off, the oldest first, and no more than are shown. */
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

  /** Says nothing any more: the app shuts down. */
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
