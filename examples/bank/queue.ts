import type { FastifyInstance } from 'fastify'
import { reasonOf } from './database.ts'
import { InProcessQueue } from './in-process-queue.ts'
import { connectRabbitMQ } from './rabbitmq.ts'
import { embedded, type Settings } from './settings.ts'

const local = 'amqp://guest:guest@127.0.0.1:5672'

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

/** What the environment names must be there; without a name, the local one is used if there is one. */
export async function openQueue(app: FastifyInstance, { amqpUrl, name }: Settings): Promise<Queue> {
  if (amqpUrl === embedded) return new InProcessQueue()
  try {
    return await connectRabbitMQ(app, amqpUrl ?? local, name)
  } catch (error) {
    if (amqpUrl !== undefined) throw error
    app.log.warn(`there is no RabbitMQ here (${reasonOf(error)}): running on a queue in the process`)
    return new InProcessQueue()
  }
}
