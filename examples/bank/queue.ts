import type { FastifyInstance } from 'fastify'
import { reasonOf } from './database.ts'
import { InProcessQueue } from './in-process-queue.ts'
import { connectRabbitMQ } from './rabbitmq.ts'
import type { Settings } from './settings.ts'

/** A job, as the queue delivers it: the id of a transfer. */
export interface Delivery {
  readonly transfer: string
  /** Whether it was delivered before, to a consumer that was gone before it was done. */
  readonly isAgain: boolean
}

/** A queue of jobs, which delivers each until somebody has done it. */
export interface Queue {
  /** Whether it takes jobs now. What it does not take stays in the outbox. */
  readonly isTaking: boolean
  /** Resolves once the queue answers for the jobs, whatever becomes of this process. */
  publish(transfers: readonly string[]): Promise<void>
  /** A job is acknowledged when the promise resolves; when it rejects, it is delivered again. */
  consume(work: (delivery: Delivery) => Promise<void>): Promise<void>
  /** Resolves once nothing more will be delivered to this process. */
  stopConsuming(): Promise<void>
  /** Rejects if the queue cannot be used. */
  check(): Promise<void>
  close(): Promise<void>
}

/** The real one, or, where it may be missing and is, one inside the process. */
export async function openQueue(app: FastifyInstance, { broker, name }: Settings): Promise<Queue> {
  try {
    return await connectRabbitMQ(app, broker.url, name)
  } catch (error) {
    if (broker.isRequired) throw error
    app.log.warn(`there is no RabbitMQ here (${reasonOf(error)}): running on a queue in the process`)
    return new InProcessQueue()
  }
}
