import type { FastifyInstance } from 'fastify'
import type { PoolClient } from 'pg'
import type { Delivery, Queue } from './queue.ts'

/** Does the jobs: writes each transfer into the statement of its payee. */
export class Worker {
  readonly #app: FastifyInstance
  readonly #queue: Queue

  constructor(app: FastifyInstance, queue: Queue) {
    this.#app = app
    this.#queue = queue
  }

  start(): Promise<void> {
    return this.#queue.consume((delivery) => this.#tracked(delivery))
  }

  /** Takes no more jobs. Those under way are tracked: the drain waits for them. */
  stop(): Promise<void> {
    return this.#queue.stopConsuming()
  }

  async #tracked({ transfer, isAgain }: Delivery): Promise<void> {
    const { lifecycle, log, pg } = this.#app
    if (isAgain) log.warn({ transfer }, 'job delivered again')
    try {
      const isFirst = await lifecycle.track(() => pg.transact((client) => writeOnce(client, transfer)), 'job')
      if (!isFirst) log.warn({ transfer }, 'job done before')
    } catch (error) {
      log.error(error, 'job not done')
      throw error
    }
  }
}

/** A queue delivers each job at least once. That it was done is written with what it does: once. */
async function writeOnce(client: PoolClient, transfer: string): Promise<boolean> {
  const marked = await client.query('INSERT INTO done VALUES ($1) ON CONFLICT DO NOTHING', [transfer])
  if (marked.rowCount === 0) return false
  await client.query(
    `INSERT INTO statements (account, entries, received)
     SELECT payee, 1, amount FROM transfers WHERE id = $1
     ON CONFLICT (account) DO UPDATE SET
       entries = statements.entries + 1, received = statements.received + excluded.received`,
    [transfer]
  )
  return true
}
