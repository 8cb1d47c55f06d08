import { now } from './clock.ts'

/**
 * Gradual shedding: in the second half of the lame duck, each response ends its connection
 * with rising probability. Clients reconnect, through the balancer to another instance, and few
 * connections are left to be cut when the drain begins.
 */
export class Shedding {
  readonly #start: number
  readonly #window: number

  constructor(window: number) {
    this.#window = window
    this.#start = now()
  }

  isDue(): boolean {
    return Math.random() < this.probability
  }

  /** 0 until half of the window is over, then in a straight line to 1 at its end. */
  get probability(): number {
    return Math.min(1, Math.max(0, (2 * (now() - this.#start)) / this.#window - 1))
  }
}
