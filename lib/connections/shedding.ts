import { now } from '../time/clock.ts'

/**
 * Gradual shedding. In the third quarter of the lame duck, a response ends its connection with rising probability. In
 * the last quarter every response does. Clients reconnect through the balancer, which sends them to another instance.
 * So no connection in use is left when the drain begins.
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

  /** 0 in the first half of the window. In the third quarter it rises evenly from 0 to 1, and then stays 1. */
  get probability(): number {
    return Math.min(1, Math.max(0, (4 * (now() - this.#start)) / this.#window - 2))
  }
}
