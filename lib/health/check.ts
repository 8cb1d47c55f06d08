import { FST_LIFECYCLE_CHECK_FALSE, FST_LIFECYCLE_CHECK_TIMEOUT } from '../errors.ts'
import { now } from '../time/clock.ts'
import { within } from '../time/within.ts'
import type { Complete } from '../validation/complete.ts'

/** A probe that checks can belong to. */
export type Probe = 'live' | 'ready' | 'startup'

/** What a check function receives. */
export interface CheckContext {
  /** Aborts when the check's time is up. */
  readonly signal: AbortSignal
}

/**
 * Checks something that the app needs. The check fails if the function throws, rejects, returns `false`, or
 * takes longer than its `timeout`. Any other result counts as good.
 */
export type CheckFunction = (context: CheckContext) => unknown

/** A check with its conditions. */
export interface CheckOptions {
  /**
   * The function that does the check.
   *
   * @example
   * ```ts
   * app.lifecycle.addCheck('db', { check: ({ signal }) => db.ping({ signal }), timeout: 200 })
   * ```
   */
  check: CheckFunction
  /**
   * How many ms one run may take. After that, the run's `signal` aborts, and the check has failed. The check
   * does not run again before that run has ended.
   *
   * @default 1000
   * @example
   * ```ts
   * app.lifecycle.addCheck('db', { check: ({ signal }) => db.ping({ signal }), timeout: 200 })
   * ```
   */
  timeout?: number | undefined
  /**
   * For how many ms a result is valid. Probes do not run the check again in that time.
   *
   * @default 1000
   * @example
   * ```ts
   * app.lifecycle.addCheck('search', { check: () => search.ping(), ttl: 10_000 })
   * ```
   */
  ttl?: number | undefined
  /**
   * Whether the probe fails if the check fails. With `false`, the details, the log and the `'check'` event show the
   * failure, but no probe fails.
   *
   * @default true
   * @example
   * ```ts
   * app.lifecycle.addCheck('cache', { check: () => cache.ping(), critical: false })
   * ```
   */
  critical?: boolean | undefined
  /**
   * How many runs in a row must fail before a good check counts as failing. With 3, one slow answer of
   * a database does not take the app out of its balancer. The time between two runs depends on how often probes
   * ask, and on `ttl`.
   *
   * @default 1
   * @example
   * ```ts
   * app.lifecycle.addCheck('search', { check: () => search.ping(), failureThreshold: 3 })
   * ```
   */
  failureThreshold?: number | undefined
  /**
   * The probe that the check belongs to. If a `'live'` check fails, the platform restarts the process. So use
   * `'live'` only for a fault that a restart repairs, never for a database.
   *
   * @default 'ready'
   * @example
   * ```ts
   * app.lifecycle.addCheck('migrations', { check: () => db.ping(), probe: 'startup' })
   * ```
   */
  probe?: Probe | undefined
}

/** The state of a check; `'unknown'` until the check has run once. */
export type CheckState = 'unknown' | 'ok' | 'failing'

/** A check is now in another state than before. */
export interface CheckEvent {
  readonly name: string
  readonly probe: Probe
  /** Whether the probe fails when this check fails. */
  readonly critical: boolean
  readonly state: CheckState
  readonly previous: CheckState
  /** Why the check fails. */
  readonly error?: unknown
}

/**
 * One check. At most one run is under way, even if it takes longer than its limit. No run starts while the
 * last result is still valid.
 */
export class Check {
  readonly name: string
  readonly options: Complete<CheckOptions>
  state: CheckState = 'unknown'
  error: unknown
  #checkedAt = Number.NEGATIVE_INFINITY
  #running: Promise<void> | undefined
  /** How many runs in a row have failed. */
  #failures = 0
  /** Whether a run has not ended yet, also after its time was up. */
  #isUnsettled = false
  readonly #onChange: (event: CheckEvent) => void

  constructor(name: string, options: Complete<CheckOptions>, onChange: (event: CheckEvent) => void) {
    this.name = name
    this.options = options
    this.#onChange = onChange
  }

  /**
   * Resolves when there is a new result. Returns `undefined` if the last result is still valid, or if the last
   * run has not ended. Never rejects.
   */
  refresh(): Promise<void> | undefined {
    const stands = this.#isUnsettled || now() - this.#checkedAt < this.options.ttl
    if (this.#running === undefined && stands) return undefined
    this.#running ??= this.#run()
    return this.#running
  }

  async #run(): Promise<void> {
    const { check, timeout } = this.options
    const timeUp = new AbortController()
    // Async, so that a function that throws fails like a function that rejects.
    const work = (async () => check({ signal: timeUp.signal }))()
    this.#isUnsettled = true
    const settle = () => {
      this.#isUnsettled = false
    }
    work.then(settle, settle)
    const settled = await within(timeout, work)
    this.#checkedAt = now()
    this.#running = undefined
    if (settled.outcome === 'ok' && settled.value !== false) this.#becomes('ok', undefined)
    else if (settled.outcome === 'ok') this.#becomes('failing', new FST_LIFECYCLE_CHECK_FALSE(this.name))
    else if (settled.outcome === 'error') this.#becomes('failing', settled.error)
    else {
      const error = new FST_LIFECYCLE_CHECK_TIMEOUT(this.name, String(timeout))
      this.#becomes('failing', error)
      timeUp.abort(error)
    }
  }

  #becomes(state: CheckState, error: unknown): void {
    const previous = this.state
    this.#failures = state === 'failing' ? this.#failures + 1 : 0
    // The threshold applies only to a check that was good before.
    if (previous === 'ok' && state === 'failing' && this.#failures < this.options.failureThreshold) return
    this.state = state
    this.error = error
    if (state === previous) return
    const { name } = this
    const { probe, critical } = this.options
    this.#onChange({ name, probe, critical, state, previous, ...(state === 'failing' && { error }) })
  }
}
