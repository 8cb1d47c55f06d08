import { FST_LIFECYCLE_CHECK_FALSE, FST_LIFECYCLE_CHECK_TIMEOUT } from '../errors.ts'
import { now } from '../time/clock.ts'
import { within } from '../time/within.ts'
import type { Complete } from '../validation/complete.ts'

/** A probe that checks can belong to. */
export type Probe = 'live' | 'ready' | 'startup'

/** What a check is given. */
export interface CheckContext {
  /** Aborts when the check's time is up. */
  readonly signal: AbortSignal
}

/**
 * Says whether something that the app needs is well. It is not where it throws, rejects, returns
 * `false` or takes longer than its `timeout`; anything else is well.
 */
export type CheckFunction = (context: CheckContext) => unknown

/** A check with its conditions. */
export interface CheckOptions {
  /**
   * Says whether all is well.
   *
   * @example
   * ```ts
   * app.lifecycle.addCheck('db', { check: ({ signal }) => db.ping({ signal }), timeout: 200 })
   * ```
   */
  check: CheckFunction
  /**
   * The ms it may take. Then its `signal` aborts, and it has failed. It does not run again before that run has ended.
   *
   * @default 1000
   * @example
   * ```ts
   * app.lifecycle.addCheck('db', { check: ({ signal }) => db.ping({ signal }), timeout: 200 })
   * ```
   */
  timeout?: number | undefined
  /**
   * For how many ms its result stands, so that probes do not make it run more often.
   *
   * @default 1000
   * @example
   * ```ts
   * app.lifecycle.addCheck('search', { check: () => search.ping(), ttl: 10_000 })
   * ```
   */
  ttl?: number | undefined
  /**
   * Whether the probe fails with the check. With `false` a failure shows in the details, in the log and in
   * the `'check'` event, but no probe fails.
   *
   * @default true
   * @example
   * ```ts
   * app.lifecycle.addCheck('cache', { check: () => cache.ping(), critical: false })
   * ```
   */
  critical?: boolean | undefined
  /**
   * How many times in a row it must fail before it counts as failing, if it was well before. So one slow answer of a
   * database takes no app out of its balancer. Its runs are as far apart as the probes ask, and `ttl` allows.
   *
   * @default 1
   * @example
   * ```ts
   * app.lifecycle.addCheck('search', { check: () => search.ping(), failureThreshold: 3 })
   * ```
   */
  failureThreshold?: number | undefined
  /**
   * The probe it belongs to. A `'live'` check that fails has the process restarted: it is for what
   * only a restart mends, never for a database.
   *
   * @default 'ready'
   * @example
   * ```ts
   * app.lifecycle.addCheck('migrations', { check: () => db.ping(), probe: 'startup' })
   * ```
   */
  probe?: Probe | undefined
}

/** How a check is; `'unknown'` until it has run once. */
export type CheckState = 'unknown' | 'ok' | 'failing'

/** A check is now in another state than before. */
export interface CheckEvent {
  readonly name: string
  readonly probe: Probe
  /** Whether the probe fails when this check fails. */
  readonly critical: boolean
  readonly state: CheckState
  readonly previous: CheckState
  /** Why it fails. */
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
  /** How many times in a row it has failed. */
  #failures = 0
  /** Whether a run is not over, though its time was up. */
  #isUnsettled = false
  readonly #onChange: (event: CheckEvent) => void

  constructor(name: string, options: Complete<CheckOptions>, onChange: (event: CheckEvent) => void) {
    this.name = name
    this.options = options
    this.#onChange = onChange
  }

  /** Resolves when the result stands; returns nothing where it still does, or cannot change. Never rejects. */
  refresh(): Promise<void> | undefined {
    const stands = this.#isUnsettled || now() - this.#checkedAt < this.options.ttl
    if (this.#running === undefined && stands) return undefined
    this.#running ??= this.#run()
    return this.#running
  }

  async #run(): Promise<void> {
    const { check, timeout } = this.options
    const timeUp = new AbortController()
    // What throws at once fails like what rejects.
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
    // What was never well gets no credit.
    if (previous === 'ok' && state === 'failing' && this.#failures < this.options.failureThreshold) return
    this.state = state
    this.error = error
    if (state === previous) return
    const { name } = this
    const { probe, critical } = this.options
    this.#onChange({ name, probe, critical, state, previous, ...(state === 'failing' && { error }) })
  }
}
