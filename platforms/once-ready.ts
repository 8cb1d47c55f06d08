import cluster from 'node:cluster'
import type { FastifyInstance } from 'fastify'
import { setTimeout } from '../lib/time/clock.ts'

/** How often a hold is looked at, in ms. */
const interval = 50

/**
 * Calls `tell` once the app is ready for the first time: it serves, and nothing holds its readiness
 * off any more. Never, if the shutdown comes first. A worker of a cluster serves when it listens: others are
 * dismissed for it, although `app.ready()` may have been long before.
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
