import type { Delivery, Queue } from './queue.ts'

type Work = (delivery: Delivery) => Promise<void>

/**
 * For where there is no broker. It forgets everything when the process ends, so it answers for a job
 * only when it is done: until then the job stays in the outbox, and the next process finds it there.
 */
export class InProcessQueue implements Queue {
  #work: Work | undefined

  get isTaking(): boolean {
    return this.#work !== undefined
  }

  async publish(transfers: readonly string[]): Promise<void> {
    for (const transfer of transfers) {
      if (this.#work === undefined) throw new Error('jobs are not done in this process any more')
      await this.#work({ transfer, isAgain: false })
    }
  }

  async consume(work: Work): Promise<void> {
    this.#work = work
  }

  async stopConsuming(): Promise<void> {
    this.#work = undefined
  }

  async check(): Promise<void> {}

  async close(): Promise<void> {}
}
