import type { FastifyBaseLogger } from 'fastify'
import { callerInside } from '../hooks/inside.ts'
import { type Caller, forCaller } from '../requests/caller.ts'
import { logExcused, logWaitsForItself } from '../telemetry/log-signals.ts'
import type { Shutdown } from './shutdown.ts'

// A hook, a handler or tracked work may call the shutdown and await it. The shutdown waits for this code, so without
// these functions each would wait for the other.

/** Whether a hook of this shutdown makes the call. If so, the log names the hook, and the call must return at once. */
export function isAskedFromInside(shutdown: Shutdown | undefined, call: string): shutdown is Shutdown {
  const inside = shutdown === undefined ? undefined : callerInside(shutdown.runs)
  if (shutdown === undefined || inside === undefined) return false
  logWaitsForItself(shutdown.parts.app.log, inside.who, call)
  return true
}

/**
 * The promise for a request handler or tracked work that makes the call. Once the caller awaits the promise, the
 * shutdown does not wait for the caller.
 */
export function withoutDeadlock<T>(
  log: FastifyBaseLogger,
  caller: Caller | undefined,
  call: string,
  work: Promise<T>,
  early: () => T
): Promise<T> {
  if (caller === undefined) return work
  return forCaller(caller, work, early, () => logExcused(log, caller.who, call))
}
