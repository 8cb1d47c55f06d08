import type { LifecycleEvents } from './announcements.ts'
import type { CheckFunction, CheckOptions } from './health/check.ts'
import type { Release } from './health/holds.ts'
import type { Life } from './life.ts'
import type { Phase } from './phases.ts'
import type { Report } from './report.ts'
import { invalid } from './validate.ts'
import type { TrackedWork, WorkContext } from './work.ts'

/**
 * Where the test kit finds the life behind `app.lifecycle`. Changes when what it needs of one does,
 * so that copies of this package that differ there do not meet.
 */
export const lifeKey: unique symbol = Symbol.for('fastify-lifecycle.life.1')

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
   * Aborts when a shutdown begins: for pollers, streams and long jobs. Its `reason` is the
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
   * @param message Why, for the logs and the report.
   * @example
   * ```ts
   * const { exitCode } = await app.lifecycle.shutdown('the license has expired')
   * ```
   */
  shutdown(message?: string): Promise<Report> {
    if (message !== undefined && typeof message !== 'string') throw invalid('message', 'a string', message)
    const reason = { type: 'shutdown', ...(message !== undefined && { message }) } as const
    return this.#life.shutdown(reason)
  }

  /**
   * Tracks work that is not a request, such as a mail that is sent after the answer: the drain
   * waits for it as for a request, up to `drainTimeout`, and the report names what was still under
   * way then. What is returned settles as the work does.
   *
   * Once the drain has begun, work is accepted as long as a request is in flight that it may belong
   * to.
   *
   * Throws `FST_LIFECYCLE_TRACK_TOO_LATE` after that, before a function is called, and
   * `FST_LIFECYCLE_TRACK_INVALID` for what cannot be tracked.
   *
   * @param name For the report.
   * @default the function's own name, or 'work'
   * @example
   * ```ts
   * app.lifecycle.track(sendMail(order), 'mail')
   * app.lifecycle.track(({ signal }) => reindex({ signal }), 'reindex')
   * ```
   */
  track<T>(work: PromiseLike<T>, name?: string): Promise<T>
  track<T>(work: (context: WorkContext) => T | PromiseLike<T>, name?: string): Promise<T>
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
  track(work: unknown, name?: unknown): unknown {
    return this.#life.work.track(work, name)
  }

  /**
   * Calls `listener` whenever a phase begins, a check has changed, a hook has ended, or the report is written.
   *
   * @example
   * ```ts
   * app.lifecycle.on('phase', ({ phase }) => gauge.set({ phase }, 1))
   * ```
   */
  on<Event extends keyof LifecycleEvents>(
    event: Event,
    listener: (...payload: LifecycleEvents[Event]) => void
  ): this {
    this.#life.announcements.events.on(event, listener as never)
    return this
  }

  /** Like `on`, for the next time only. */
  once<Event extends keyof LifecycleEvents>(
    event: Event,
    listener: (...payload: LifecycleEvents[Event]) => void
  ): this {
    this.#life.announcements.events.once(event, listener as never)
    return this
  }

  /** Removes a listener. */
  off<Event extends keyof LifecycleEvents>(
    event: Event,
    listener: (...payload: LifecycleEvents[Event]) => void
  ): this {
    this.#life.announcements.events.off(event, listener as never)
    return this
  }
}
