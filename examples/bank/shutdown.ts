import type { HookOptions } from 'fastify-lifecycle'
import type { Outbox } from './outbox.ts'
import type { Queue } from './queue.ts'
import type { Worker } from './worker.ts'

/** What has to be stopped. */
export interface Parts {
  readonly worker: Worker
  readonly outbox: Outbox
  readonly queue: Queue
}

/** The order in which the bank stops: each of these before what it needs. */
export function shutdownHooks({ worker, outbox, queue }: Parts): HookOptions[] {
  return [
    // Right at the signal, while requests are still served: jobs that nobody has begun belong to other
    // instances from now on. Those that were begun are tracked, so the drain waits for them.
    { name: 'worker', phase: 'lameDuck', handler: () => worker.stop() },

    // When the last request is answered, no transfer can add to the outbox any more: now it can be
    // emptied for good. It needs the queue, so it goes first.
    {
      name: 'outbox',
      dependsOn: ['queue'],
      timeout: 2_000,
      handler: ({ signal }) => outbox.flush(signal)
    },

    // Closing the connection properly makes sure that the broker has got the last acknowledgements:
    // otherwise it would deliver those jobs again.
    { name: 'queue', dependsOn: [], handler: () => queue.close() }

    // The pool is not here: @fastify/postgres ends it in its own onClose, which comes after every hook.
  ]
}
