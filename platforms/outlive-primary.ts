import cluster, { type Worker } from 'node:cluster'
import type { FastifyInstance } from 'fastify'

/**
 * A worker whose primary is gone gets no more connections. Node.js would end the worker at once, with code 0, and cut
 * its requests. With this function it shuts down like any other process.
 */
export function outlivePrimary(app: FastifyInstance): void {
  const worker = cluster.worker as Worker
  const onDisconnect = () => {
    // Node.js reads this field after the event. If it is `true`, Node.js does not end the worker.
    worker.exitedAfterDisconnect = true
    app.lifecycle.shutdown('the primary is gone')
  }
  worker.once('disconnect', onDisconnect)
  app.lifecycle.once('report', () => worker.removeListener('disconnect', onDisconnect))
}
