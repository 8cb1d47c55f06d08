import type { FastifyInstance } from 'fastify'
import { namedAtMost, Oldest } from '../bounds.ts'
import { FST_LIFECYCLE_HOOKS_FAILED } from '../errors.ts'
import type { Readiness } from '../health/readiness.ts'
import { type Inside, over, runInside } from '../hooks/inside.ts'
import { preClosePlan } from '../hooks/pre-close.ts'
import type { HookRegistry } from '../hooks/registry.ts'
import { type HookRun, HookRuns, hookReportOf } from '../hooks/run.ts'
import type { Settings } from '../options/settings.ts'
import { type HookPhase, hookPhases, type PhaseMachine } from '../phases.ts'
import type { Surroundings } from '../process/surroundings.ts'
import type { ShutdownReason } from '../report/reason.ts'
import type { ConnectionTally, HandOverReport, LameDuckReport, Report } from '../report/report.ts'
import type { BackgroundWork } from '../requests/background-work.ts'
import type { Traffic } from '../requests/traffic.ts'
import type { Events } from '../telemetry/events.ts'
import { Budget } from '../time/budget.ts'
import { now } from '../time/clock.ts'
import { within } from '../time/within.ts'
import { ownDeadline } from '../watchdog/limits.ts'

/** The parts of an app that a shutdown works with. */
export interface Parts {
  readonly app: FastifyInstance
  readonly settings: Settings
  readonly phases: PhaseMachine
  readonly readiness: Readiness
  readonly hooks: HookRegistry
  readonly traffic: Traffic
  readonly work: BackgroundWork
  readonly events: Events
  readonly surroundings: Surroundings
  /** Whether the app hands over if it listens. */
  readonly handsOver: boolean
  /** Resolves when the boot has ended or failed. */
  booted(): Promise<void>
  /** Fastify's own close. */
  closeFastify(): Promise<void>
}

/** One shutdown of one app: its reason, its budget and its results. */
export class Shutdown {
  readonly parts: Parts
  readonly reason: ShutdownReason
  readonly budget: Budget
  /** Whether the app was listening and ready when the shutdown began. */
  readonly wasServing: boolean
  readonly runs: HookRuns
  /** Whether the app hands over. */
  readonly handsOver: boolean
  lameDuck: LameDuckReport = { ended: 'skipped', saved: 0 }
  /** Ends the window of the lame duck; `undefined` while no window is open. */
  endLameDuck: ((by: 'signal' | 'skipped') => void) | undefined = undefined
  handedOver: Omit<HandOverReport, 'requests'> | undefined
  report: Report | null = null
  readonly startedAt: Date = new Date()
  /** The connections that were open when the shutdown began. */
  readonly connections: ConnectionTally
  /** Errors that nobody caught during the shutdown. */
  readonly crashes: Oldest<unknown> = new Oldest()
  /** The error of Fastify's own close. */
  closeError: { readonly error: unknown } | undefined
  /** Whether other workers serve already. Then the app hands over at once, without a lame duck. */
  isReplaced = false
  #finished: Promise<void> | undefined

  constructor(
    parts: Parts,
    reason: ShutdownReason,
    isReady: boolean,
    left: number = Number.POSITIVE_INFINITY
  ) {
    const { app, settings, surroundings, traffic } = parts
    this.parts = parts
    this.reason = reason
    this.budget = new Budget(Math.min(ownDeadline(settings), left), surroundings.maxWait)
    this.wasServing = isReady && app.server.listening
    this.handsOver = parts.handsOver && app.server.listening
    this.connections = traffic.connections
    this.runs = new HookRuns({
      reason,
      log: app.log,
      limitOf: (hook, others) => this.share(hook.timeout, hook.phase, others),
      onStart: () => surroundings.coordinator.note(),
      onEnd: (run) => this.#hookEnded(run)
    })
  }

  /** Ends the lame duck, because other workers already serve in place of this app. */
  replace(): void {
    this.isReplaced = true
    this.endLameDuck?.('skipped')
  }

  /** Runs the sequence, once. If the sequence fails, Fastify is closed, and the error is in the report. */
  run(sequence: (shutdown: Shutdown) => Promise<void>): Promise<void> {
    this.#finished ??= Promise.resolve(this)
      .then(sequence)
      .catch((error) => {
        this.crashes.add(() => error)
        return this.closeFastify()
      })
    return this.#finished
  }

  /** Waits until a boot that is under way is over. After that, no hook can be added. */
  async booted(): Promise<void> {
    const { phases, hooks, booted } = this.parts
    if (phases.current === 'starting') {
      await within(this.share(Number.POSITIVE_INFINITY, 'lameDuck', 1), booted())
    }
    hooks.seal()
  }

  runHooks(phase: HookPhase): Promise<void> {
    return this.runs.run(this.parts.hooks.plan(phase))
  }

  /** Runs Fastify's `preClose` hooks. They end streams, so they run before the drain waits for the streams. */
  runPreClose(): Promise<void> {
    const { app, settings } = this.parts
    return this.runs.run(preClosePlan(app, settings.hookTimeout))
  }

  /** Resolves when the phase may end; `undefined` if nothing holds the phase open. */
  held(phase: HookPhase): Promise<void> | undefined {
    return this.parts.surroundings.held(phase)
  }

  /** The time that one part of a phase may take, so that all later parts still get some time. */
  share(ms: number, phase: HookPhase, others = 0): number {
    const later = hookPhases.slice(hookPhases.indexOf(phase) + 1)
    const hooksBehind = later.reduce((sum, behind) => sum + this.parts.hooks.plan(behind).length, 0)
    const fastifyItself = 1
    return this.budget.share(ms, others + hooksBehind + fastifyItself)
  }

  /** Runs Fastify's own close. Before that, everything that is left is ended at once. */
  async closeFastify(): Promise<void> {
    const inside: Inside = { runs: this.runs, who: 'an `onClose` hook', isOver: false }
    try {
      await this.parts.traffic.stop.atOnce()
      await runInside(inside, () => this.parts.closeFastify())
    } catch (error) {
      this.closeError = { error }
    } finally {
      over(inside)
    }
  }

  /** Throws the error that `app.close()` rejects with. */
  throwFailure(): void {
    const { failed } = this.runs
    if (this.closeError !== undefined) throw this.closeError.error
    if (failed.length === 0) return
    const named = failed.slice(0, namedAtMost).map(({ hook, outcome }) => `'${hook.name}' (${outcome})`)
    const what = failed.length > named.length ? `${named.join(', ')} and others` : named.join(', ')
    throw Object.assign(new FST_LIFECYCLE_HOOKS_FAILED(what), { cause: failed[0]?.error })
  }

  #hookEnded(run: HookRun): void {
    const { surroundings, events } = this.parts
    surroundings.coordinator.note()
    events.hook(hookReportOf(run, this.budget.start, now()), run.error)
  }
}
