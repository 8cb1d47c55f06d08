import type { FastifyRequest } from 'fastify'
import { quoted } from '../bounds.ts'
import type { CheckFunction, CheckOptions } from '../health/check.ts'
import type { Release } from '../health/holds.ts'
import type { Phase } from '../phases.ts'
import type { Report } from '../report/report.ts'
import { isFastifyRequest } from '../requests/is-request.ts'
import type { TrackedWork, TrackOptions, WorkContext } from '../requests/track-options.ts'
import { eventNames, type LifecycleEvents } from '../telemetry/events.ts'
import { attempt } from '../validation/read.ts'
import { invalid, onlyKeys } from '../validation/validate.ts'
import type { Life } from './life.ts'

/** Changes when what the test kit and the platforms need of a life does: then copies of this package do not meet. */
const lifeKey: unique symbol = Symbol.for('fastify-lifecycle.life.3')

/** The life behind an app's `lifecycle`; `undefined` where it is another version's. */
export function lifeOf(lifecycle: Lifecycle): Life | undefined {
  return (lifecycle as { [lifeKey]?: Life })[lifeKey]
}

/** Hears of an event of the lifecycle. */
export type LifecycleListener<Event extends keyof LifecycleEvents> = (
  ...payload: LifecycleEvents[Event]
) => void

/** What else is said of a call of `lifecycle.shutdown()`. */
export interface ShutdownCallOptions {
  /**
   * The request whose handler calls and awaits it. A call before the first `await` of a handler needs none.
   *
   * @default the request whose handler runs just then, if any
   * @example
   * ```ts
   * await app.lifecycle.shutdown('asked by an operator', { request })
   * ```
   */
  request?: FastifyRequest | undefined
}

/** What `app.lifecycle` is: where the app stands in its life, and how to end it. */
export class Lifecycle {
  readonly #life: Life

  /** @internal */
  constructor(life: Life) {
    this.#life = life
    Object.defineProperty(this, lifeKey, { value: life })
  }

  /** The phase that the app is in. */
  get phase(): Phase {
    return this.#life.phase
  }

  /** Whether the readiness probe says 200 right now, by what its checks said last. */
  get ready(): boolean {
    return this.#life.health.readiness.ready
  }

  /**
   * The number of requests being answered right now, until the last byte of each is sent. To say it, every
   * open connection is looked at: that is for a metric or a log line, not for each request.
   */
  get inFlight(): number {
    return this.#life.traffic.flight.count
  }

  /** The option `deadline`, or its default: ms from the first signal until the process is gone. */
  get deadline(): number {
    return this.#life.settings.deadline
  }

  /**
   * Aborts when a shutdown begins: for pollers, consumers and long jobs. Its `reason` is the
   * shutdown's.
   *
   * @example
   * ```ts
   * for await (const job of queue.jobs({ signal: app.lifecycle.signal })) await run(job)
   * ```
   */
  get signal(): AbortSignal {
    return this.#life.ending.signal
  }

  /**
   * Aborts when the drain begins: for streams and subscriptions, whose clients come back at once. They
   * serve through the lame duck, and end when new requests are refused. Its `reason` is the shutdown's.
   *
   * @example
   * ```ts
   * app.lifecycle.drainSignal.addEventListener('abort', () => stream.end(), { signal: request.signal })
   * ```
   */
  get drainSignal(): AbortSignal {
    return this.#life.drain.signal
  }

  /** The report of the shutdown, once it has ended; before that `null`. */
  get report(): Report | null {
    return this.#life.report
  }

  /**
   * Holds readiness off until it is released: for a warm-up, or for maintenance. Several may hold
   * it at once. After 30 s, and then ever more seldom, the log says what still holds it.
   *
   * @param name For the details of the probe, and for the log.
   * @returns what releases it, by a call or by `using`.
   * @example
   * ```ts
   * const release = app.lifecycle.hold('warm-up')
   * await cache.fill()
   * release()
   * ```
   */
  hold(name: string): Release {
    return this.#life.health.holds.add(name)
  }

  /**
   * Adds a check, from any plugin. Returns the lifecycle, so calls chain.
   *
   * Throws `FST_LIFECYCLE_CHECK_DUPLICATE` for a name that is taken, and
   * `FST_LIFECYCLE_OPTION_INVALID` or `FST_LIFECYCLE_OPTION_UNKNOWN` for what cannot be a check.
   *
   * @example
   * ```ts
   * app.lifecycle.addCheck('db', ({ signal }) => db.ping({ signal }))
   * app.lifecycle.addCheck('search', { check: () => search.ping(), critical: false })
   * ```
   */
  addCheck(name: string, check: CheckFunction | CheckOptions): this {
    this.#life.health.checks.add(name, check)
    return this
  }

  /**
   * Starts the same sequence as a signal, for all apps of this process. Calling it again changes
   * nothing. Resolves with this app's report; unless `exit` is `false`, the process ends next.
   *
   * A handler may await it: the shutdown does not wait for that request, and lets its answer out when the hooks are
   * done. The handler gets the report as it is then. Where a handler awaits something else before, it says which
   * request is its own.
   *
   * Throws `FST_LIFECYCLE_OPTION_INVALID` for a message that is no string, and for a request that is none.
   *
   * @param message Why, for the logs and the report.
   * @example
   * ```ts
   * const { exitCode } = await app.lifecycle.shutdown('the license has expired')
   *
   * app.post('/drain', async (request) => {
   *   await authorize(request)
   *   return app.lifecycle.shutdown('asked by an operator', { request })
   * })
   * ```
   */
  shutdown(message?: string, options: ShutdownCallOptions = {}): Promise<Report> {
    if (message !== undefined && typeof message !== 'string') throw invalid('message', 'a string', message)
    const { request } = onlyKeys<ShutdownCallOptions>('shutdown', options, ['request'])
    if (request !== undefined && !isFastifyRequest(request))
      throw invalid('shutdown.request', "a request of Fastify's", request)
    const reason = { type: 'shutdown', ...(message !== undefined && { message }) } as const
    return this.#life.shutdown(reason, request)
  }

  /**
   * Tracks work that is not a request, such as a mail that is sent after the answer. The drain waits for this
   * work as for a request, up to `drainTimeout`. The report names the work that was not done by then. The
   * returned promise settles as the work does.
   *
   * Work is accepted until the phase `closing` begins, steps of other work included. Stop fetching work before the
   * drain: in a hook of the phase `lameDuck`, or when `signal` aborts.
   *
   * Throws `FST_LIFECYCLE_TRACK_TOO_LATE` after the drain, before a function is called, and
   * `FST_LIFECYCLE_TRACK_INVALID` for what cannot be tracked.
   *
   * @param options A name for the report, or an object with more.
   * @default the function's own name, or 'work'
   * @example
   * ```ts
   * app.lifecycle.track(sendMail(order), 'mail')
   * app.lifecycle.track(({ signal }) => reindex({ signal }), 'reindex')
   * ```
   */
  track<T>(work: PromiseLike<T>, options?: string | TrackOptions): Promise<T>
  track<T>(work: (context: WorkContext) => T | PromiseLike<T>, options?: string | TrackOptions): Promise<T>
  /**
   * Tracks what is done until the returned object is disposed of, or its `end` is called.
   *
   * @example
   * ```ts
   * using work = app.lifecycle.track('import')
   * for await (const row of rows) await insert(row, { signal: work.signal })
   * ```
   */
  track(name: string): TrackedWork
  track(work: unknown, options?: unknown): unknown {
    return this.#life.work.track(work, options)
  }

  /**
   * Calls `listener` whenever a phase begins, a check has changed, a hook has ended, or the report is written.
   *
   * Throws `FST_LIFECYCLE_OPTION_INVALID` for an event that there is not, and for a listener that is no function.
   *
   * @example
   * ```ts
   * app.lifecycle.on('phase', ({ phase }) => gauge.set({ phase }, 1))
   * ```
   */
  on<Event extends keyof LifecycleEvents>(event: Event, listener: LifecycleListener<Event>): this {
    this.#life.events.emitter.on(knownEvent(event), aListener(listener) as never)
    return this
  }

  /** Like `on`, for the next time only. */
  once<Event extends keyof LifecycleEvents>(event: Event, listener: LifecycleListener<Event>): this {
    this.#life.events.emitter.once(knownEvent(event), aListener(listener) as never)
    return this
  }

  /** Removes a listener. */
  off<Event extends keyof LifecycleEvents>(event: Event, listener: LifecycleListener<Event>): this {
    this.#life.events.emitter.off(knownEvent(event), aListener(listener) as never)
    return this
  }
}

/** A listener to an event that nobody emits would never run, and nobody would know. */
function knownEvent<Event extends keyof LifecycleEvents>(event: Event): Event {
  // `once` of node:events listens to errors, too, which a lifecycle never emits.
  if (eventNames.includes(event) || (event as string) === 'error') return event
  throw invalid('event', `one of ${quoted(eventNames)}`, event)
}

/** An emitter compares listeners by their properties: one whose properties throw would break it. */
function aListener<Of>(listener: Of): Of {
  const isReadable = () => typeof listener === 'function' && Reflect.get(listener, 'listener') === undefined
  if (attempt(isReadable, false)) return listener
  throw invalid('listener', 'a function', listener)
}
