import cluster from 'node:cluster'
import { attempt } from '../validation/read.ts'

/**
 * Whether something else takes new connections as soon as this process accepts none. That is another worker
 * of a cluster (Node's or PM2's), or the process that holds the server's socket.
 */
export function othersAccept(isPassed: boolean): boolean {
  return cluster.isWorker || isPassed
}

/** Whether a server that is given this listens on a socket that somebody else has opened, and holds. */
export function isPassedSocket(listenOptions: unknown): boolean {
  return attempt(() => Number.isInteger((listenOptions as { fd?: unknown }).fd), false)
}
