import { Child } from '../child.ts'

/** What became of the connections of one crowd, by the time that all were closed. */
export interface CrowdTally {
  /** Requests in flight that were answered with 200, and those that never were. */
  readonly answered: number
  readonly lost: number
  /** When the last of them was answered, and the last connection was closed; on the monotonic clock, in ms. */
  readonly lastAnswer: number
  readonly lastClose: number
}

/** So many connections are opened by one process: clients must not be slower than what they measure. */
const perProcess = 5_000

/** Clients with many connections, in processes of their own so that they do not distort what is measured. */
export class Crowd {
  readonly #processes: Child[] = []
  #open: readonly Child[] = []

  /** Opens connections, each of which has been used once when this resolves. */
  async open(port: number, connections: number): Promise<void> {
    const number = Math.ceil(connections / perProcess)
    while (this.#processes.length < number) this.#processes.push(new Child('crowd'))
    this.#open = this.#processes.slice(0, number)
    await Promise.all(
      this.#open.map((child, index) =>
        child.ask('open', { port, count: Math.min(perProcess, connections - index * perProcess) })
      )
    )
  }

  /** Sends a request for `/held` on one connection in so many; resolves with their number. */
  async hold(oneIn: number): Promise<number> {
    const held = await Promise.all(this.#open.map((child) => child.ask<number>('hold', { oneIn })))
    return held.reduce((sum, each) => sum + each, 0)
  }

  /** Resolves when every connection is closed, whoever closed it. */
  async closed(): Promise<CrowdTally> {
    const tallies = await Promise.all(this.#open.map((child) => child.ask<CrowdTally>('closed')))
    const sum = (name: 'answered' | 'lost') => tallies.reduce((total, tally) => total + tally[name], 0)
    const last = (name: 'lastAnswer' | 'lastClose') => Math.max(0, ...tallies.map((tally) => tally[name]))
    return {
      answered: sum('answered'),
      lost: sum('lost'),
      lastAnswer: last('lastAnswer'),
      lastClose: last('lastClose')
    }
  }

  leave(): void {
    for (const child of this.#processes) child.stop()
  }
}
