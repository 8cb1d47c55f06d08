import type { Socket } from 'node:net'
import { FST_LIFECYCLE_TRACK_INVALID } from '../errors.ts'
import { describe, onlyKeys } from '../validation/validate.ts'
import { isFastifyRequest } from './is-request.ts'

/** What a function that is tracked is given. */
export interface WorkContext {
  /**
   * Aborts when `drainTimeout` is over. To hear of the beginning, use `lifecycle.signal` (of the shutdown) or
   * `lifecycle.drainSignal` (of the drain).
   */
  readonly signal: AbortSignal
}

/** What else is said of work that is tracked. */
export interface TrackOptions {
  /**
   * For the report.
   *
   * @default the function's own name, or 'work'
   * @example
   * ```ts
   * app.lifecycle.track(sendMail(order), { name: 'mail' })
   * ```
   */
  name?: string | undefined
  /**
   * The request of a WebSocket whose message the work answers: the close frame waits for the work.
   *
   * @default none
   * @example
   * ```ts
   * socket.on('message', (data) => app.lifecycle.track(answer(socket, data), { name: 'message', request }))
   * ```
   */
  request?: { readonly raw: { readonly socket: Socket } } | undefined
}

/** Work that is under way, from `lifecycle.track(name)` to its end. For `using`, or to be ended by hand. */
export interface TrackedWork extends WorkContext, Disposable {
  readonly name: string
  /** The work is done, and nothing waits for it any more. Calling it again changes nothing. */
  end(): void
}

/** The options of a call of `track`, which may be a name alone. */
export function optionsOf(given: unknown): TrackOptions {
  const options: unknown = typeof given === 'object' && given !== null ? given : { name: given }
  const { name, request } = onlyKeys<TrackOptions>('track', options, ['name', 'request'])
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw new FST_LIFECYCLE_TRACK_INVALID('a name that is a string and not empty, or none', describe(name))
  }
  if (request !== undefined && !isFastifyRequest(request)) {
    throw new FST_LIFECYCLE_TRACK_INVALID("a request of Fastify's as `request`, or none", describe(request))
  }
  return { ...(name !== undefined && { name }), ...(request !== undefined && { request }) }
}
