import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Queue } from './queue.ts'

/** So many jobs are handed over at once. */
const batch = 100

/** After so many ms it looks again for jobs that another instance has left behind. */
const pause = 250

interface Row {
  readonly position: string
  readonly transfer: string
}

/**
 * Hands jobs from the database to the queue. A job leaves the outbox when the queue has confirmed it:
 * one that is lost on the way, with the process perhaps, is still there, and is handed over again.
 */
export class Outbox {
  readonly #app: FastifyInstance
  readonly #queue: Queue
  readonly #lease: number
  #isStopping = false
  #wake = new AbortController()
  #relay: Promise<void> | undefined

  constructor(app: FastifyInstance, queue: Queue, lease: number) {
    this.#app = app
    this.#queue = queue
    this.#lease = lease
  }

  /** Begins to hand over what is there, and what comes. */
  start(): void {
    this.#relay = this.#run()
  }

  /** There is a new job. */
  nudge(): void {
    this.#wake.abort()
  }

  /** Stops, once everything is handed over that no other instance is handing over already. */
  async flush(signal: AbortSignal): Promise<void> {
    this.#isStopping = true
    this.nudge()
    await this.#relay
    while (!signal.aborted && (await this.#handOver()) > 0);
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      // Made before it looks: a job that comes meanwhile wakes it, too.
      this.#wake = new AbortController()
      const count = await this.#handOver().catch((error) => {
        this.#app.log.error(error, 'jobs stay in the outbox for now')
        return 0
      })
      if (count === 0) await sleep(pause, undefined, { signal: this.#wake.signal }).catch(() => {})
    }
  }

  /** Takes some jobs for itself, hands them over, and says how many. */
  async #handOver(): Promise<number> {
    if (!this.#queue.isTaking) return 0
    const { rows } = await this.#app.pg.query<Row>(
      `UPDATE outbox SET taken_until = now() + $1 * interval '1 ms' WHERE position IN (
         SELECT position FROM outbox WHERE taken_until < now() ORDER BY position LIMIT $2
         FOR UPDATE SKIP LOCKED
       ) RETURNING position, transfer`,
      [this.#lease, batch]
    )
    if (rows.length === 0) return 0
    await this.#queue.publish(rows.map(({ transfer }) => transfer))
    const positions = rows.map(({ position }) => position)
    await this.#app.pg.query('DELETE FROM outbox WHERE position = ANY($1)', [positions])
    return rows.length
  }
}
