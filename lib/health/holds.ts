import type { FastifyBaseLogger } from 'fastify'
import { clearTimeout, longestDelay, now, setTimeout } from '../clock.ts'
import { logHeld } from '../narration.ts'
import { invalid } from '../validate.ts'

/** Lets readiness go again. For `using`, or to be called; calling it again changes nothing. */
export interface Release extends Disposable {
  (): void
}

/** What holds readiness off. */
export class Holds {
  readonly #held = new Map<symbol, { readonly name: string; readonly since: number }>()
  readonly #log: FastifyBaseLogger
  readonly #patience: number
  #reminder: NodeJS.Timeout | undefined
  #isOver = false

  /** After `patience` ms it is said what still holds it off; then after twice as many, and so on. */
  constructor(log: FastifyBaseLogger, patience = 30_000) {
    this.#log = log
    this.#patience = patience
  }

  /** The names of what holds it off, the oldest first. */
  get names(): string[] {
    return [...this.#held.values()].map(({ name }) => name)
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
      logHeld(this.#log, this.names, Math.round(now() - (oldest as { since: number }).since))
      this.#remindAfter(Math.min(2 * ms, longestDelay))
    }, ms).unref()
  }
}
