import type { FastifyBaseLogger } from 'fastify'
import { callerInside } from '../hooks/inside.ts'
import { type Caller, forCaller } from '../requests/caller.ts'
import { logExcused, logWaitsForItself } from '../telemetry/log-signals.ts'
import type { Shutdown } from './shutdown.ts'

// Who asks for the shutdown and awaits it may be what the shutdown waits for.

/** Whether a hook of this shutdown makes the call. It gets an answer at once, and one line names it. */
export function isAskedFromInside(shutdown: Shutdown | undefined, call: string): shutdown is Shutdown {
  const inside = shutdown === undefined ? undefined : callerInside(shutdown.runs)
  if (shutdown === undefined || inside === undefined) return false
  logWaitsForItself(shutdown.parts.app.log, inside.who, call)
  return true
}

/** What a request or tracked work gets that makes the call: once it awaits that, the shutdown does not wait for it. */
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
