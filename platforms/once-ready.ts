import type { FastifyInstance } from 'fastify'
import { setTimeout } from '../lib/clock.ts'

/** How often a hold is looked at, in ms. */
const interval = 50

/**
 * Calls `tell` once the app is ready for the first time: it serves, and nothing holds its readiness
 * off any more. Never, if the shutdown comes first.
 */
export function onceReady({ lifecycle }: FastifyInstance, tell: () => void): void {
  lifecycle.once('phase', ({ phase }) => {
    if (phase !== 'ready') return
    const look = () => {
      if (lifecycle.ready) tell()
      else if (!lifecycle.signal.aborted) setTimeout(look, interval).unref()
    }
    look()
  })
}
