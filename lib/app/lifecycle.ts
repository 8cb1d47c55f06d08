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

/**
 * The test kit and the platforms use some members of a life. The number changes whenever these members change.
 * So a copy of this package never uses the life of an incompatible copy.
 */
const lifeKey: unique symbol = Symbol.for('fastify-lifecycle.life.3')

/** The life behind an app's `lifecycle`; `undefined` if another version of this package made the lifecycle. */
export function lifeOf(lifecycle: Lifecycle): Life | undefined {
  return (lifecycle as { [lifeKey]?: Life })[lifeKey]
}

/** Called when an event of the lifecycle happens. */
export type LifecycleListener<Event extends keyof LifecycleEvents> = (
  ...payload: LifecycleEvents[Event]
) => void

/** The options of a call of `lifecycle.shutdown()`. */
export interface ShutdownCallOptions {
  /**
   * The request whose handler makes the call and awaits it. Not needed for a call before the first `await` of the
   * handler.
   *
   * @default the request whose handler runs just then, if any
   * @example
   * ```ts
   * await app.lifecycle.shutdown('asked by an operator', { request })
   * ```
   */
  request?: FastifyRequest | undefined
}

/** The type of `app.lifecycle`: the phase of the app, and how to shut the app down. */
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

  /** Whether the readiness probe would answer 200 now, by the last results of the checks. */
  get ready(): boolean {
    return this.#life.health.readiness.ready
  }

  /**
   * The number of requests in flight now. A request counts until its last byte is sent. Reading this number looks at
   * every open connection, so use it for a metric or a log line, not in each request.
   */
  get inFlight(): number {
    return this.#life.traffic.flight.count
  }

  /** The option `deadline`, or its default: ms from the first signal until the process is gone. */
  get deadline(): number {
    return this.#life.settings.deadline
  }

  /**
   * Aborts when a shutdown begins: for pollers, consumers and long jobs. The `reason` of the signal is that of the
   * shutdown.
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
   * Aborts when the drain begins: for streams and subscriptions, whose clients reconnect at once. The streams go on
   * in the lame duck, and end when new requests are refused. The `reason` of the signal is that of the shutdown.
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
   * Holds readiness off until you release the hold: for a warm-up, or for maintenance. There may be several holds at
   * the same time. After 30 s, and then at longer and longer intervals, the log names the holds.
   *
   * @param name For the details of the probe, and for the log.
   * @returns a function that releases the hold. You may also declare it with `using`.
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
   * Throws `FST_LIFECYCLE_CHECK_DUPLICATE` for a name that is taken, and `FST_LIFECYCLE_OPTION_INVALID` or
   * `FST_LIFECYCLE_OPTION_UNKNOWN` for a value that cannot be a check.
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
   * A handler may await this call. The shutdown then does not wait for the request of the handler. When the hooks are
   * done, the handler gets the report so far, and its answer is sent. If the handler awaits something else before the
   * call, pass its `request`.
   *
   * Throws `FST_LIFECYCLE_OPTION_INVALID` for a message that is no string, and for a `request` that is no request of
   * Fastify.
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
   * Work is accepted until the phase `closing` begins, also work that other work starts. Stop fetching work before
   * the drain: in a hook of the phase `lameDuck`, or when `lifecycle.signal` aborts.
   *
   * Throws `FST_LIFECYCLE_TRACK_TOO_LATE` after the drain, without calling the function, and
   * `FST_LIFECYCLE_TRACK_INVALID` for a value that cannot be tracked.
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
   * Tracks work from this call until the returned object is disposed of, or its `end` is called.
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
   * Throws `FST_LIFECYCLE_OPTION_INVALID` for an event that does not exist, and for a listener that is no function.
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

  /** Like `on`, but calls `listener` only for the next event. */
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
  // `once` of node:events also listens to `'error'`, so that name is allowed, although a lifecycle never emits it.
  if (eventNames.includes(event) || (event as string) === 'error') return event
  throw invalid('event', `one of ${quoted(eventNames)}`, event)
}

/**
 * An emitter reads properties of its listeners to compare them, so a listener whose properties throw would break the
 * emitter.
 */
function aListener<Of>(listener: Of): Of {
  const isReadable = () => typeof listener === 'function' && Reflect.get(listener, 'listener') === undefined
  if (attempt(isReadable, false)) return listener
  throw invalid('listener', 'a function', listener)
}
