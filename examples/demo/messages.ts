import type { Phase } from 'fastify-lifecycle'

/** What the app tells the demo. */
export type AppMessage = { readonly port: number } | { readonly phase: Phase } | { readonly inFlight: number }

/** What the load tells the demo: what became of its requests until now. */
export interface Tally {
  /** Requests that went out on a connection. */
  readonly sent: number
  /** Answered 200. */
  readonly served: number
  /** Answered 503. */
  readonly rejected: number
  /** Attempts that found no connection: nothing was sent. */
  readonly refused: number
  /** What was sent, and not answered: the request, and what came instead. */
  readonly lost: readonly string[]
}

export const nothing: Tally = { sent: 0, served: 0, rejected: 0, refused: 0, lost: [] }

/** Says something to the demo, if it is still there to hear it. */
export function tell(message: AppMessage | Tally): void {
  if (process.connected) process.send?.(message)
}
