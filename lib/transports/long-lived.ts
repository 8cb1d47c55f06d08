import { turnAway } from '../gate.ts'
import type { Exchange } from '../in-flight.ts'
import type { Settings } from '../options.ts'

/**
 * Ends a response that would go on for ever: server-sent events, a tail, a long poll. One that has
 * begun gets its proper end; one that has not is answered as a request that came too late.
 */
export function endLongLived({ response, reply }: Exchange, retryAfter: Settings['retryAfter']): void {
  if (response.writableEnded) return
  if (response.headersSent || reply === undefined || reply.sent) {
    // Its handler may not know yet, and write on until the connection has closed.
    response.on('error', () => {})
    response.end()
  } else reply.send(turnAway(reply, retryAfter))
}

/** Whether the route says that its responses are to be ended, not waited for. */
export function isLongLived({ reply }: Exchange): boolean {
  return reply?.request.routeOptions.config.lifecycle?.longLived === true
}
