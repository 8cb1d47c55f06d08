import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from './client.ts'

/** What became of the requests of a load. */
export interface LoadTally {
  answered: number
  /** A status that is not 200, or the code of an error. */
  readonly failures: string[]
}

/**
 * Clients that ask one request after another until they are stopped: some on connections that they
 * keep, some on a new one each time, some that pause.
 */
export class Load {
  readonly tally: LoadTally = { answered: 0, failures: [] }
  #over = false
  readonly #clients: Promise<unknown>

  constructor(port: number, path = '/') {
    const kinds = [
      { keepAlive: true, pause: 0 },
      { keepAlive: true, pause: 5 },
      { keepAlive: true, pause: 200 },
      { keepAlive: false, pause: 5 }
    ]
    const clients = kinds.flatMap((kind) => [kind, kind])
    this.#clients = Promise.all(clients.map((kind) => this.#client(port, path, kind)))
  }

  async #client(port: number, path: string, { keepAlive, pause }: { keepAlive: boolean; pause: number }) {
    const agent = new Agent({ keepAlive, maxSockets: 1 })
    while (!this.#over) {
      try {
        const { status } = await request(port, path, { agent })
        if (status === 200) this.tally.answered++
        else this.tally.failures.push(String(status))
      } catch (error) {
        this.tally.failures.push(String((error as NodeJS.ErrnoException).code))
      }
      await sleep(Math.random() * pause)
    }
    agent.destroy()
  }

  /** Resolves when so many more requests were answered. */
  async more(count: number): Promise<void> {
    const enough = this.tally.answered + count
    while (this.tally.answered < enough && this.tally.failures.length < count) await sleep(10)
  }

  async stop(): Promise<LoadTally> {
    this.#over = true
    await this.#clients
    return this.tally
  }
}
