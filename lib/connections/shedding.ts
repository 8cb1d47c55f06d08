import { now } from '../time/clock.ts'

/**
 * Gradual shedding. In the third quarter of the lame duck, a response ends its connection with rising
 * probability. In the last quarter every response does. Clients reconnect, through the balancer to another
 * instance. So no connection in use is left when the drain begins.
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
