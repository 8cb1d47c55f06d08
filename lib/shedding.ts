import { now } from './clock.ts'
import type { Exchange } from './in-flight.ts'

/**
 * Gradual shedding: in the second half of the lame duck, responses end their connections with
 * rising probability. Clients reconnect, through the balancer to another instance, and few
 * connections are left to be cut when the drain begins.
 */
export class Shedding {
  readonly #start: number
  readonly #window: number

  constructor(window: number) {
    this.#window = window
    this.#start = now()
  }

  arrived({ request, response }: Exchange): void {
    if (request.httpVersionMajor === 1 && Math.random() < this.probability) {
      response.setHeader('connection', 'close')
    }
  }

  /** 0 until half of the window is over, then in a straight line to 1 at its end. */
  get probability(): number {
    return Math.min(1, Math.max(0, (2 * (now() - this.#start)) / this.#window - 1))
  }
}
