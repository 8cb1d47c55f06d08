import { EventEmitter } from 'node:events'
import type { FastifyInstance } from 'fastify'
import { namedAtMost } from '../bounds.ts'
import type { CheckEvent } from '../health/check.ts'
import type { Phase } from '../phases.ts'
import type { ShutdownReason } from '../report/reason.ts'
import type { HookReport, Report } from '../report/report.ts'
import { guarded } from '../time/apart.ts'
import { logCheck, logFailedListener, logHook, logOthers, logReport } from './log.ts'
import type { LogSettings } from './log-options.ts'
import { publish } from './publish.ts'

/** The events of `lifecycle.on`. */
export interface LifecycleEvents {
  /** A phase has begun. */
  phase: [event: PhaseEvent]
  /** A shutdown hook has ended or failed. */
  hook: [event: HookReport]
  /** A check is in another state than before. */
  check: [event: CheckEvent]
  /** The shutdown is over. Unless `exit` is `false`, the process exits next. */
  report: [report: Report]
}

/** The names of all events. */
export const eventNames: readonly (keyof LifecycleEvents)[] = ['phase', 'hook', 'check', 'report']

/** A phase has begun. */
export interface PhaseEvent {
  readonly phase: Phase
  readonly previous: Phase
}

/** Reports what happens: in the log, to the app's own listeners, and on the channels. */
export class Events {
  readonly emitter: EventEmitter<LifecycleEvents> = new EventEmitter<LifecycleEvents>()
  readonly #app: FastifyInstance
  readonly #amount: LogSettings['report']
  readonly #endsProcess: () => boolean
  #failedHooks = 0

  /** `amount` is how much of the report is logged. */
  constructor(app: FastifyInstance, amount: LogSettings['report'], endsProcess: () => boolean) {
    this.#app = app
    this.#amount = amount
    this.#endsProcess = endsProcess
    // Any number of plugins may listen.
    this.emitter.setMaxListeners(0)
  }

  /** A phase has begun. Its log line needs other facts as well, so the caller has already written it. */
  phase({ phase, previous }: PhaseEvent, reason: ShutdownReason | undefined): void {
    this.#emit('phase', { phase, previous })
    publish('fastify-lifecycle:phase', () => ({ fastify: this.#app, phase, previous, reason }))
  }

  hook(report: HookReport, error: unknown): void {
    if (report.outcome !== 'ok') this.#failedHooks++
    if (report.outcome === 'ok' || this.#failedHooks <= namedAtMost) {
      logHook(this.#app.log, report, error)
    }
    this.#emit('hook', report)
  }

  check(event: CheckEvent): void {
    logCheck(this.#app.log, event)
    this.#emit('check', event)
    publish('fastify-lifecycle:check', () => ({ fastify: this.#app, ...event }))
  }

  report(report: Report): void {
    logOthers(this.#app.log, 'hooks', Math.max(0, this.#failedHooks - namedAtMost))
    logReport(this.#app.log, this.#amount, report, this.#endsProcess())
    this.#emit('report', report)
    publish('fastify-lifecycle:report', () => ({ fastify: this.#app, report }))
  }

  /** If a listener throws, or its promise rejects, the other listeners and the shutdown go on. */
  #emit<Event extends keyof LifecycleEvents>(event: Event, ...payload: LifecycleEvents[Event]): void {
    const failed = (error: unknown) => logFailedListener(this.#app.log, event, error)
    for (const listener of (this.emitter as EventEmitter).rawListeners(event)) {
      guarded(() => Reflect.apply(listener, this.emitter, payload), failed)
    }
  }
}
