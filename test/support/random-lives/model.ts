import assert from 'node:assert/strict'
import type { Phase, Report } from '../../../index.ts'
import { type MadeUpHook, type ObservedApp, settings, time } from './app.ts'

type ReasonType = Report['reason']['type']

/** What has to be true of one app. */
export interface Expected {
  readonly observed: ObservedApp
  isBooted: boolean
  /** Why it shuts down, from then on. */
  reason: ReasonType | undefined
  /** Whether signals and crashes are its business. */
  takesPart: boolean
  isAbandoned: boolean
  /** Whether there is a window in its lame duck, which nobody has ended before its time. */
  hasWindow: boolean
  /** Whether it was asked for its readiness since it shuts down. */
  wasProbed: boolean
  /** When the deadline ends its shutdown at the latest, if one does. */
  deadline: number
  crashes: number
  readonly hooks: MadeUpHook[]
  /** How much work was under way when the shutdown began, and came later. */
  work: number
}

/** What an app goes through. One that is shut down before it has booted was never ready. */
const life: readonly Phase[] = ['starting', 'ready', 'lameDuck', 'draining', 'closing', 'closed']

const listenedTo = ['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection'] as const

/** The apps of one process, and what has to become of them: written without a look at how it is done. */
export class Model {
  readonly apps: readonly Expected[]
  /** A shutdown that was not only asked of one app by its `close()`. */
  #ending: { readonly apps: readonly Expected[]; lastSignal: number | undefined } | undefined

  constructor(apps: readonly ObservedApp[]) {
    this.apps = apps.map((observed) => ({
      observed,
      isBooted: false,
      reason: undefined,
      takesPart: true,
      isAbandoned: false,
      hasWindow: false,
      wasProbed: false,
      deadline: Number.POSITIVE_INFINITY,
      crashes: 0,
      hooks: [],
      work: 0
    }))
  }

  app(number: number): Expected {
    return this.apps[number % this.apps.length] as Expected
  }

  /** Whether anyone hears a signal or a crash. */
  get isListening(): boolean {
    return this.#ending !== undefined || this.apps.some(({ takesPart }) => takesPart)
  }

  /** Whether a Ctrl-C ends a lame duck, or more, cannot be known once somebody has asked for readiness in it. */
  get isUnsure(): boolean {
    return this.apps.some((app) => app.wasProbed && isInWindow(app))
  }

  signal(name: 'SIGTERM' | 'SIGINT'): void {
    if (this.#ending === undefined) {
      this.shutdown('signal')
      return
    }
    const last = this.#ending.lastSignal
    const insists = name === 'SIGINT' && last !== undefined && time.now - last > 500
    if (last === undefined || insists) this.#ending.lastSignal = time.now
    if (!insists) return
    const open = this.#ending.apps.filter(isInWindow)
    for (const app of open) app.hasWindow = false
    if (open.length === 0) this.#abandon()
  }

  crash(type: 'uncaughtException' | 'unhandledRejection'): void {
    const alreadyBegun = this.apps.filter(({ reason }) => reason !== undefined)
    const concerned = this.#ending?.apps ?? alreadyBegun.filter(({ takesPart }) => takesPart)
    for (const app of concerned) if (!app.observed.hasReported) app.crashes++
    if (this.#ending === undefined) this.shutdown(type)
  }

  /** For all apps that are left, and the one that asks for it. */
  shutdown(reason: ReasonType, asking?: Expected): void {
    // Asking twice changes nothing.
    if (asking !== undefined && asking.deadline !== Number.POSITIVE_INFINITY) return
    if (this.#ending === undefined) {
      const apps = this.apps.filter((app) => app.takesPart || app === asking)
      this.#ending = { lastSignal: reason === 'signal' ? time.now : undefined, apps }
      for (const app of apps) this.#begin(app, reason)
    } else if (asking !== undefined) this.#begin(asking, reason)
  }

  #begin(app: Expected, reason: ReasonType): void {
    this.close(app, reason)
    app.deadline = Math.min(app.deadline, time.now + settings.deadline)
  }

  close(app: Expected, reason: ReasonType = 'close'): void {
    if (app.reason !== undefined) return
    app.reason = reason
    app.hasWindow =
      (reason === 'signal' || reason === 'shutdown') && app.isBooted && app.observed.app.server.listening
    app.work = app.observed.work.length + app.observed.steps
  }

  #abandon(): void {
    for (const app of this.#ending?.apps ?? []) {
      if (!app.observed.hasReported) app.isAbandoned = true
      app.takesPart = false
    }
    this.#ending = undefined
  }

  /** What has come of it meanwhile: an app that is closed takes no part, and the last report ends the ending. */
  async settle(): Promise<void> {
    for (const app of this.apps) {
      if (app.reason === undefined || app.isBooted) continue
      app.isBooted = true
      await app.observed.boot()
    }
    await time.settle()
    this.look()
  }

  look(): void {
    for (const app of this.apps) if (app.observed.phase === 'closed') app.takesPart = false
    if (!this.#ending?.apps.every(({ observed }) => observed.hasReported)) return
    for (const app of this.#ending.apps) app.takesPart = false
    this.#ending = undefined
  }

  /** Closes everything, and sees that nothing is left. */
  async finish(): Promise<void> {
    for (const app of this.apps) {
      this.close(app)
      app.observed.close()
    }
    await this.settle()
    await time.until(Promise.all(this.apps.flatMap(({ observed }) => observed.promises)))
    await this.settle()
    this.check()
    assert.ok(this.apps.every(({ observed }) => observed.phase === 'closed'))
    assert.equal(this.isListening, false)
    assert.equal(time.timers, 0, 'timers are left behind')
  }

  check(): void {
    for (const event of listenedTo) {
      assert.equal(process.listenerCount(event) > 0, this.isListening, `listeners for ${event}`)
    }
    for (const app of this.apps) {
      checkPhases(app)
      checkHooks(app)
      checkPreClose(app)
      if (app.observed.hasReported) checkReport(app)
    }
  }
}

/** If nobody asks for readiness, the window is as long as it may be. */
function isInWindow({ hasWindow, observed: { lameDuckSince } }: Expected): boolean {
  return hasWindow && lameDuckSince !== undefined && time.now < lameDuckSince + settings.lameDuck.max
}

function checkPhases({ observed, isBooted, reason }: Expected): void {
  const { app, phases, phase } = observed
  const whole = phases.includes('ready') ? life : life.filter((each) => each !== 'ready')
  assert.deepEqual(phases, whole.slice(0, phases.length))
  assert.equal(phases.at(-1), phase)
  assert.equal(app.lifecycle.signal.aborted, reason !== undefined)
  assert.equal(app.lifecycle.ready, isBooted && reason === undefined)
  if (reason === undefined) assert.equal(phase, isBooted ? 'ready' : 'starting')
  else assert.ok(phase !== 'ready' && phase !== 'starting')
}

function checkHooks({ observed, hooks }: Expected): void {
  const { ran, phase } = observed
  assert.equal(new Set(ran).size, ran.length, `ran: ${ran}`)
  const names = hooks.map(({ name }) => name)
  assert.ok(ran.every((name) => names.includes(name)))
  if (phase === 'closed') assert.deepEqual([...ran].sort(), names.sort())
}

/** Once, when the drain begins, however the app is closed. */
function checkPreClose({ observed: { preClosed, phase } }: Expected): void {
  assert.ok(preClosed <= 1, `preClose ran ${preClosed} times`)
  if (phase === 'starting' || phase === 'ready' || phase === 'lameDuck') assert.equal(preClosed, 0)
}

function checkReport({ observed, reason, isAbandoned, deadline, crashes, hooks, work }: Expected): void {
  const { app, reported } = observed
  const report = app.lifecycle.report as Report
  assert.equal(reported.length, 1)
  assert.equal(report.reason.type, reason)
  assert.equal(report.crashCount, crashes)
  const own = report.hooks.filter(({ name }) => name !== 'preClose streams')
  assert.deepEqual(own.map(({ name }) => name).sort(), hooks.map(({ name }) => name).sort())
  const { inFlight, completed, failed, cutCount, refused } = report.work
  assert.equal(completed + failed + cutCount, work + observed.lateSteps, `of ${inFlight}`)

  const isCutOff = isAbandoned || report.outcome === 'deadline'
  const isWell =
    crashes === 0 &&
    (reason === 'signal' || reason === 'shutdown' || reason === 'close') &&
    cutCount + refused === 0 &&
    report.hooks.every(({ outcome }) => outcome === 'ok')
  // A report that was written before the drain cannot have it.
  if (!isCutOff) assert.equal(report.hooks.length - own.length, observed.preClosed)
  assert.equal(report.outcome === 'abandoned', isAbandoned)
  assert.ok((reported[0] as number) <= deadline)
  if (report.outcome === 'deadline') assert.equal(reported[0], deadline)
  if (!isCutOff) assert.equal(report.outcome, isWell ? 'clean' : 'failed')
  assert.equal(report.exitCode, report.outcome === 'clean' ? 0 : 1)
  const isUnfinished = ({ outcome }: { outcome: string }) =>
    outcome === 'unfinished' || outcome === 'unstarted'
  assert.ok(isCutOff || !report.hooks.some(isUnfinished))
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report)
}
