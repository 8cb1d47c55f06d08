import type { Phase } from '../phases.ts'
import { errorReportOf } from '../report/error-report.ts'
import type { CheckEvent, CheckState, Probe } from './check.ts'
import { Checks } from './checks.ts'
import { Holds, type OnHeld } from './holds.ts'
import type { HealthSettings } from './options.ts'
import type { Question } from './question.ts'
import { Readiness } from './readiness.ts'

/** The answer to a probe. */
export interface Answer {
  readonly status: 200 | 503
  readonly body: AnswerBody
}

/** A probe's answer as JSON. */
export interface AnswerBody {
  readonly status: 'ok' | 'unavailable'
  readonly phase: Phase
  /** With `health.details`: the names of the twenty oldest holds. */
  readonly holds?: readonly string[]
  /** With `health.details`: the state of each check of this probe. */
  readonly checks?: Readonly<Record<string, CheckDetails>>
}

/** A check in the details of a probe's answer. */
export interface CheckDetails {
  readonly state: CheckState
  readonly critical: boolean
  /** With `health.details: 'errors'`: why the check fails. */
  readonly error?: string
}

/** What `Health` needs of its app. */
interface Host {
  readonly settings: HealthSettings
  phase(): Phase
  onCheck(event: CheckEvent): void
  readonly onHeld: OnHeld
  /** Called when a client has asked the readiness probe several times. */
  onProber(sender: string): void
}

/** Decides what the app's probes answer. */
export class Health {
  readonly checks: Checks
  readonly holds: Holds
  readonly readiness: Readiness
  readonly #settings: HealthSettings
  readonly #phase: () => Phase
  #hasStarted = false

  constructor({ settings, phase, onCheck, onHeld, onProber }: Host) {
    this.#settings = settings
    this.#phase = phase
    this.checks = new Checks(onCheck)
    this.holds = new Holds(onHeld)
    this.readiness = new Readiness({
      isServing: () => phase() === 'ready',
      isHeld: () => this.holds.count > 0,
      areChecksGood: () => this.checks.areGood('ready'),
      onProber
    })
  }

  /** Turns readiness off for good, because the shutdown has begun. */
  shutDown(): void {
    this.readiness.latchOff()
    this.holds.stop()
  }

  /** Answers at once if no check has to run. Without a sender, the answer does not count for any prober. */
  answer(question: Question, sender: string | undefined): Answer | Promise<Answer> {
    const { probe } = question
    const refreshing = this.#dependsOnChecks(probe) ? this.checks.refresh(probe) : undefined
    if (refreshing === undefined) return this.#answer(question, sender)
    return refreshing.then(() => this.#answer(question, sender))
  }

  /** Whether the answers have details. */
  get hasDetails(): boolean {
    return this.#settings.details !== false
  }

  #answer({ probe, check, excluded }: Question, sender: string | undefined): Answer {
    const isGood = check === undefined ? this.#isGood(probe, excluded) : this.checks.isGood(probe, check)
    if (probe === 'ready' && check === undefined && sender !== undefined) this.readiness.answered(sender)
    const [status, word] = isGood ? ([200, 'ok'] as const) : ([503, 'unavailable'] as const)
    return { status, body: { status: word, phase: this.#phase(), ...this.#details(probe, check) } }
  }

  /**
   * During a shutdown only the phase counts. A failing check must not make the platform kill the app in the
   * middle of the drain.
   */
  #dependsOnChecks(probe: Probe): boolean {
    if (this.readiness.isLatchedOff) return false
    if (probe === 'live') return true
    return probe === 'ready' ? this.readiness.mayBeReady : this.#mayHaveStarted
  }

  #isGood(probe: Probe, excluded: ReadonlySet<string>): boolean {
    if (probe === 'ready') {
      return this.readiness.ready || (this.readiness.mayBeReady && this.checks.areGood('ready', excluded))
    }
    if (probe === 'live') return this.readiness.isLatchedOff || this.checks.areGood('live', excluded)
    // Once the app has started, the startup probe stays good.
    this.#hasStarted ||= this.#phase() !== 'starting' && this.checks.areGood('startup')
    return this.#hasStarted
  }

  get #mayHaveStarted(): boolean {
    return !this.#hasStarted && this.#phase() !== 'starting'
  }

  #details(probe: Probe, check: string | undefined): Pick<AnswerBody, 'holds' | 'checks'> {
    const { details } = this.#settings
    if (details === false) return {}
    const wanted = this.checks.of(probe).filter(({ name }) => check === undefined || name === check)
    const checks = wanted.map(({ name, state, options: { critical }, error }) => {
      const why = details === 'errors' && state === 'failing' && { error: errorReportOf(error).message }
      return [name, { state, critical, ...why }]
    })
    return {
      ...(probe === 'ready' && check === undefined && { holds: this.holds.names }),
      checks: Object.fromEntries(checks)
    }
  }
}
