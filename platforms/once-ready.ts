import cluster from 'node:cluster'
import type { FastifyInstance } from 'fastify'
import { setTimeout } from '../lib/time/clock.ts'

/** How often to look whether readiness is still held off, in ms. */
const interval = 50

/**
 * Calls `tell` when the app is ready for the first time: it serves, and nothing holds readiness off. Does not
 * call it if the shutdown comes first. In a worker of a cluster, this waits until the worker listens. At this
 * call an old worker ends, and `app.ready()` may come long before `listen()`.
 */
export function onceReady({ lifecycle, server }: FastifyInstance, tell: () => void): void {
  lifecycle.once('phase', ({ phase }) => {
    if (phase !== 'ready') return
    const look = () => {
      if (lifecycle.ready && (!cluster.isWorker || server.listening)) tell()
      else if (!lifecycle.signal.aborted) setTimeout(look, interval).unref()
    }
    look()
  })
}
