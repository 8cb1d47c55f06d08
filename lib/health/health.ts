import type { FastifyBaseLogger } from 'fastify'
import type { Phase } from '../phases.ts'
import { errorReportOf } from '../thrown.ts'
import type { CheckEvent, CheckState, Probe } from './check.ts'
import { Checks } from './checks.ts'
import { Holds } from './holds.ts'
import type { HealthSettings } from './options.ts'
import { Readiness } from './readiness.ts'

/** What a probe is answered. */
export interface Answer {
  readonly status: 200 | 503
  readonly body: AnswerBody
}

/** A probe's answer as JSON. */
export interface AnswerBody {
  readonly status: 'ok' | 'unavailable'
  readonly phase: Phase
  /** With `health.details`: what holds readiness off. */
  readonly holds?: readonly string[]
  /** With `health.details`: the state of each check of this probe. */
  readonly checks?: Readonly<Record<string, CheckDetails>>
}

/** A check in the details of a probe's answer. */
export interface CheckDetails {
  readonly state: CheckState
  readonly critical: boolean
  /** With `health.details: 'errors'`: why it fails. */
  readonly error?: string
}

/** Where the app stands, as far as its health goes. */
interface Surroundings {
  readonly settings: HealthSettings
  readonly log: FastifyBaseLogger
  phase(): Phase
  onChange(event: CheckEvent): void
}

/** What the app's probes say. */
export class Health {
  readonly checks: Checks
  readonly holds: Holds
  readonly readiness: Readiness
  readonly #settings: HealthSettings
  readonly #phase: () => Phase
  #hasStarted = false

  constructor({ settings, log, phase, onChange }: Surroundings) {
    this.#settings = settings
    this.#phase = phase
    this.checks = new Checks(onChange)
    this.holds = new Holds(log)
    this.readiness = new Readiness({
      isServing: () => phase() === 'ready',
      isHeld: () => this.holds.names.length > 0,
      areChecksGood: () => this.checks.areGood('ready')
    })
  }

  /** Off for good: the shutdown has begun. */
  shutDown(): void {
    this.readiness.latchOff()
    this.holds.stop()
  }

  /** Answers at once where no check has to run for it. */
  answer(probe: Probe): Answer | Promise<Answer> {
    const refreshing = this.#dependsOnChecks(probe) ? this.checks.refresh(probe) : undefined
    return refreshing === undefined ? this.#answer(probe) : refreshing.then(() => this.#answer(probe))
  }

  #answer(probe: Probe): Answer {
    const isGood = this.#isGood(probe)
    if (probe === 'ready') this.readiness.answered()
    const [status, word] = isGood ? ([200, 'ok'] as const) : ([503, 'unavailable'] as const)
    return { status, body: { status: word, phase: this.#phase(), ...this.#details(probe) } }
  }

  /** In a shutdown nothing but the phase counts: a failing check must not have the drain cut short. */
  #dependsOnChecks(probe: Probe): boolean {
    if (this.readiness.isLatchedOff) return false
    if (probe === 'live') return true
    return probe === 'ready' ? this.readiness.mayBeReady : this.#mayHaveStarted
  }

  #isGood(probe: Probe): boolean {
    if (probe === 'ready') return this.readiness.ready
    if (probe === 'live') return this.readiness.isLatchedOff || this.checks.areGood('live')
    // Having started is not undone.
    this.#hasStarted ||= this.#phase() !== 'starting' && this.checks.areGood('startup')
    return this.#hasStarted
  }

  get #mayHaveStarted(): boolean {
    return !this.#hasStarted && this.#phase() !== 'starting'
  }

  #details(probe: Probe): Pick<AnswerBody, 'holds' | 'checks'> {
    const { details } = this.#settings
    if (details === false) return {}
    const checks = this.checks.of(probe).map(({ name, state, options: { critical }, error }) => {
      const why = details === 'errors' && state === 'failing' && { error: errorReportOf(error).message }
      return [name, { state, critical, ...why }]
    })
    return { ...(probe === 'ready' && { holds: this.holds.names }), checks: Object.fromEntries(checks) }
  }
}
