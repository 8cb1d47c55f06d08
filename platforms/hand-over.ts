import cluster, { type Worker } from 'node:cluster'
import type { IncomingMessage, ServerResponse } from 'node:http'
import net from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { HookContext } from '../index.ts'
import { within } from '../lib/bounded.ts'
import { Exchange } from '../lib/in-flight.ts'
import { Http1 } from '../lib/transports/http1.ts'

/** How long connections may take to send one more request, in ms; one that is idle for longer is closed. */
const patience = 1_000

/**
 * Leaves the serving to the other workers: from now on, the primary gives new connections to them,
 * those that it has just given here included. Each connection here ends with its next response.
 *
 * Without this, the primary, which is the balancer and asks no probe, would go on to give connections
 * to a worker that turns requests away.
 */
export function takeNoMore({ server }: FastifyInstance): void {
  // `http.Server`'s own `close` would also cut what it calls idle.
  if (server.listening) net.Server.prototype.close.call(server)
  const http1 = new Http1()
  server.prependListener('request', ({ httpVersionMajor }: IncomingMessage, response: ServerResponse) => {
    if (httpVersionMajor === 1) http1.retire(new Exchange(response))
  })
}

/** Resolves when the connections are gone, or have had their time. After a crash nothing is waited for. */
export async function lastConnections(
  { server }: FastifyInstance,
  { reason, timeout }: Pick<HookContext, 'reason' | 'timeout'>
): Promise<void> {
  if (reason.type !== 'signal' && reason.type !== 'shutdown') return
  const gone = new Promise<void>((resolve) => {
    server.getConnections((_error, count) => (count === 0 ? resolve() : server.once('close', resolve)))
  })
  await within(Math.min(patience, timeout / 4), gone)
}

/**
 * A worker whose primary is gone gets no connection any more, and Node.js would end it at once, with
 * code 0 and whatever is in flight. Here it ends like any other.
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
