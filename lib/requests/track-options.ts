import type { Socket } from 'node:net'
import { FST_LIFECYCLE_TRACK_INVALID } from '../errors.ts'
import { describe, onlyKeys } from '../validation/validate.ts'
import { isFastifyRequest } from './is-request.ts'

/** The argument of a function that is tracked. */
export interface WorkContext {
  /**
   * Aborts when `drainTimeout` is over. `lifecycle.signal` aborts at the beginning of the shutdown, and
   * `lifecycle.drainSignal` at the beginning of the drain.
   */
  readonly signal: AbortSignal
}

/** The options of work that is tracked. */
export interface TrackOptions {
  /**
   * The name of the work in the report and the log.
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

/** Work that began with `lifecycle.track(name)`. Declare it with `using`, or call `end` when it is done. */
export interface TrackedWork extends WorkContext, Disposable {
  readonly name: string
  /** Marks the work as done, so that nothing waits for it any more. A second call changes nothing. */
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
