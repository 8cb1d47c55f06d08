import cluster from 'node:cluster'
import { attempt } from '../validation/read.ts'

/**
 * Whether something else accepts new connections as soon as this process stops accepting. This can be another
 * worker of a cluster (Node's or PM2's), or the process that holds the server's socket.
 */
export function othersAccept(isPassed: boolean): boolean {
  return cluster.isWorker || isPassed
}

/** Whether a server with these `listen` options uses a socket that another process has opened, and holds. */
export function isPassedSocket(listenOptions: unknown): boolean {
  return attempt(() => Number.isInteger((listenOptions as { fd?: unknown }).fd), false)
}
