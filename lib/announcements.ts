import { EventEmitter } from 'node:events'
import type { FastifyInstance } from 'fastify'
import type { CheckEvent } from './health/check.ts'
import { logCheck, logFailedListener, logHook, logReport } from './narration.ts'
import type { Phase } from './phases.ts'
import type { ShutdownReason } from './reason.ts'
import type { HookReport, Report } from './report.ts'
import { publish } from './telemetry.ts'

/** What `lifecycle.on` announces. */
export interface LifecycleEvents {
  /** A phase has begun. */
  phase: [event: PhaseEvent]
  /** A shutdown hook has ended, well or not. */
  hook: [event: HookReport]
  /** A check is in another state than before. */
  check: [event: CheckEvent]
  /** The shutdown is over. Unless `exit` is `false`, the process exits next. */
  report: [report: Report]
}

/** A phase has begun. */
export interface PhaseEvent {
  readonly phase: Phase
  readonly previous: Phase
}

/** Tells of what happens: in the log, to the app's own listeners, and on the channels. */
export class Announcements {
  readonly events: EventEmitter<LifecycleEvents> = new EventEmitter<LifecycleEvents>()
  readonly #app: FastifyInstance

  constructor(app: FastifyInstance) {
    this.#app = app
  }

  /** What the log says of a phase depends on more than this, and is said before. */
  phase({ phase, previous }: PhaseEvent, reason: ShutdownReason | undefined): void {
    this.#emit('phase', { phase, previous })
    publish('fastify-lifecycle:phase', () => ({ fastify: this.#app, phase, previous, reason }))
  }

  hook(report: HookReport, error: unknown): void {
    logHook(this.#app.log, report, error)
    this.#emit('hook', report)
  }

  check(event: CheckEvent): void {
    logCheck(this.#app.log, event)
    this.#emit('check', event)
    publish('fastify-lifecycle:check', () => ({ fastify: this.#app, ...event }))
  }

  report(report: Report): void {
    logReport(this.#app.log, report)
    this.#emit('report', report)
    publish('fastify-lifecycle:report', () => ({ fastify: this.#app, report }))
  }

  /** A listener that throws must not stop the walk. */
  #emit<Event extends keyof LifecycleEvents>(event: Event, ...payload: LifecycleEvents[Event]): void {
    try {
      ;(this.events as EventEmitter).emit(event, ...payload)
    } catch (error) {
      logFailedListener(this.#app.log, event, error)
    }
  }
}
