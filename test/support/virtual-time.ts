import timers from 'node:timers'
import fakeTimers from '@sinonjs/fake-timers'

const realTurn = timers.setImmediate

/**
 * A time that passes when the test says so. Only what is loaded by `load` lives in it: Fastify, fast-check
 * and the test runner keep the real one.
 */
export class VirtualTime {
  readonly #clock = fakeTimers.createClock()
  /** How many things are under way that take real time. Virtual time stands still until they are done. */
  #busy = 0
  #sleeping = 0

  /** Loads a module that takes its clock when it loads, with this one in the real one's place. */
  async load<T>(load: () => Promise<T>): Promise<T> {
    const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = timers
    const { bigint } = process.hrtime
    const clock = this.#clock
    Object.assign(timers, {
      setTimeout: clock.setTimeout,
      clearTimeout: clock.clearTimeout,
      setInterval: clock.setInterval,
      clearInterval: clock.clearInterval,
      setImmediate: (callback: () => void) => this.#turn(callback)
    })
    Object.assign(performance, { now: () => clock.now })
    Object.assign(process.hrtime, { bigint: () => BigInt(clock.now) * 1_000_000n })
    try {
      const loaded = await load()
      const { now } = await import('../../lib/time/clock.ts')
      if (now() !== clock.now) throw new Error('lib/time/clock.ts was loaded before, with the real time')
      return loaded
    } finally {
      Object.assign(timers, { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate })
      Reflect.deleteProperty(performance, 'now')
      Object.assign(process.hrtime, { bigint })
    }
  }

  /** In ms, and whole. */
  get now(): number {
    return this.#clock.now
  }

  /** How many timers are running, but for those of `sleep`. */
  get timers(): number {
    return this.#clock.countTimers() - this.#sleeping
  }

  /** Forgets all timers. */
  forget(): void {
    this.#clock.reset()
    this.#sleeping = 0
  }

  sleep(ms: number): Promise<void> {
    this.#sleeping++
    return new Promise((resolve) => {
      this.#clock.setTimeout(() => {
        this.#sleeping--
        resolve()
      }, ms)
    })
  }

  /** Work that takes real time, such as a boot: no time passes here until it is done. */
  async real<T>(work: () => PromiseLike<T>): Promise<T> {
    this.#busy++
    try {
      return await work()
    } finally {
      this.#busy--
    }
  }

  /** A part of such work that waits for the time here. */
  async virtual<T>(work: () => PromiseLike<T>): Promise<T> {
    this.#busy--
    try {
      return await work()
    } finally {
      this.#busy++
    }
  }

  /** Lets everything happen that can happen at this moment. */
  async settle(): Promise<void> {
    for (;;) {
      await new Promise<void>((resolve) => realTurn(resolve))
      if (this.#busy > 0) continue
      if (this.#next > this.now) return
      this.#clock.next()
    }
  }

  /** Lets this much time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    await this.settle()
    while (this.#next <= end) {
      this.#clock.next()
      await this.settle()
    }
    this.#clock.tick(end - this.now)
  }

  /** Lets this much time pass in which the event loop is blocked. */
  block(ms: number): void {
    this.#clock.tick(ms)
  }

  /** Lets as much time pass as something takes. */
  async until<T>(work: Promise<T>): Promise<T> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    work.then(over, over)
    for (await this.settle(); !isOver; await this.settle()) {
      if (this.#clock.countTimers() === 0) throw new Error('waits for something that no timer brings about')
      this.#clock.next()
    }
    return work
  }

  /** The event loop's turns are real, and take no time. */
  #turn(callback: () => void): void {
    this.#busy++
    realTurn(() => {
      this.#busy--
      callback()
    })
  }

  /** When the next timer is due. */
  get #next(): number {
    const times = [...(this.#clock.timers?.values() ?? [])].map(({ callAt }) => callAt as number)
    return Math.min(...times)
  }
}
