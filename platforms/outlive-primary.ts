import cluster, { type Worker } from 'node:cluster'
import type { FastifyInstance } from 'fastify'

/**
 * A worker whose primary is gone gets no more connections. Node.js would end it at once, with code 0, and cut
 * its requests. Here it shuts down like any other process.
 */
export function outlivePrimary(app: FastifyInstance): void {
  const worker = cluster.worker as Worker
  const onDisconnect = () => {
    // What Node.js looks at after this event, to find out whether that was meant to be.
    worker.exitedAfterDisconnect = true
    app.lifecycle.shutdown('the primary is gone')
  }
  worker.once('disconnect', onDisconnect)
  app.lifecycle.once('report', () => worker.removeListener('disconnect', onDisconnect))
}
