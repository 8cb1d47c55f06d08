import { now } from './clock.ts'

/**
 * Gradual shedding: in the third quarter of the lame duck, each response ends its connection with
 * rising probability, and in the last quarter every one does. Clients reconnect, through the balancer
 * to another instance, and no connection that was used is left to be cut when the drain begins.
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

  /** 0 until half of the window is over, then in a straight line to 1 when a quarter of it is left. */
  get probability(): number {
    return Math.min(1, Math.max(0, (4 * (now() - this.#start)) / this.#window - 2))
  }
}
