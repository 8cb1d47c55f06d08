import { now } from './clock.ts'

/** How long a hook, request or work may take to end after its signal has aborted, in ms. */
export const lastMoment = 100

/** The time that each later hook and Fastify's own close keep, even if one hook takes all the time it may, in ms. */
const reserve = 250

/** The time budget of a shutdown. Every wait is clamped to the time that is left. */
export class Budget {
  readonly start: number = now()
  readonly total: number
  readonly #maxWait: number

  /** @param maxWait The longest time for a single wait, in ms. */
  constructor(total: number, maxWait: number = Number.POSITIVE_INFINITY) {
    this.total = total
    this.#maxWait = maxWait
  }

  get elapsed(): number {
    return now() - this.start
  }

  get left(): number {
    return Math.max(0, this.total - this.elapsed)
  }

  clamp(ms: number): number {
    return Math.min(ms, this.#maxWait, this.left)
  }

  /**
   * The time for one of several hooks that run one after another. The hook gets the time that it asks for, as long as
   * each of the `others` keeps its reserve. It never gets less than half of the time that is left. So a hook that
   * hangs cannot take all the time of later hooks.
   */
  share(ms: number, others: number): number {
    const left = this.left
    return Math.min(ms, this.#maxWait, Math.max(left / 2, left - others * reserve))
  }
}
