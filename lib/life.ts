import { setMaxListeners } from 'node:events'
import type { FastifyInstance } from 'fastify'
import { Announcements } from './announcements.ts'
import { type Boot, watchBoot } from './boot.ts'
import { within } from './bounded.ts'
import { now } from './clock.ts'
import { coordinator } from './coordinator.ts'
import { describeExchange } from './cuts.ts'
import { mismatchOf } from './environment.ts'
import { FST_LIFECYCLE_HOOKS_FAILED } from './errors.ts'
import { isRunByFastifyCLI, takeOver } from './fastify-cli.ts'
import { type Habitat, habitatWith } from './habitat.ts'
import { type Front, frontOf, probePaths } from './health/front.ts'
import { Health } from './health/health.ts'
import { type HookPhase, HookRegistry, hookPhases } from './hooks.ts'
import { logMismatch, logPhase, logProbe } from './narration.ts'
import type { Settings } from './options.ts'
import { type Phase, type PhaseEntry, PhaseMachine } from './phases.ts'
import type { ShutdownReason } from './reason.ts'
import type { Report } from './report.ts'
import { walk } from './sequence.ts'
import { type HookRun, Shutdown } from './shutdown.ts'
import { Traffic } from './traffic.ts'
import { namedAtMost, type Outstanding } from './watchdog/facts.ts'
import { ownDeadline } from './watchdog/limits.ts'
import { Work } from './work.ts'
import { type CutOff, hookReportOf, writeReport } from './write-report.ts'

/** The life of one app: its parts, and the one shutdown at its end. */
export class Life {
  readonly app: FastifyInstance
  readonly settings: Settings
  readonly announcements: Announcements
  readonly phases: PhaseMachine
  readonly health: Health
  /** Answers the probes. */
  readonly front: Front
  readonly hooks: HookRegistry
  readonly traffic: Traffic
  readonly work: Work
  readonly ending: AbortController = new AbortController()
  report: Report | null = null
  readonly #closeFastify: () => Promise<void>
  #habitat: Habitat = habitatWith(coordinator())
  /** From now on it is not told of signals and crashes any more. */
  leave: () => void = () => {}
  readonly #boot: Boot
  #shutdown: Shutdown | undefined
  #walked: Promise<void> | undefined
  #reported: Promise<Report> | undefined

  constructor(app: FastifyInstance, settings: Settings, closeFastify: () => Promise<void>) {
    this.app = app
    this.announcements = new Announcements(app)
    // Every stream and poller may listen to it.
    setMaxListeners(0, this.ending.signal)
    this.settings = settings
    this.#closeFastify = closeFastify
    this.phases = new PhaseMachine((entry, previous) => this.#phaseEntered(entry, previous))
    this.health = new Health({
      settings: settings.health,
      log: app.log,
      phase: () => this.phase,
      onChange: (event) => this.announcements.check(event)
    })
    this.front = frontOf(this.health, probePaths(settings.health), (probe, { status }) =>
      logProbe(app.log, settings.health.logLevel, probe, status)
    )
    this.traffic = new Traffic(app, settings, settings.health.routes ? this.front : leaveAll)
    this.work = new Work(() => this.traffic.isAdmitting, app.log)
    this.hooks = new HookRegistry(settings.hookTimeout)
    this.#boot = watchBoot(app, () => this.#becomeReady())
  }

  /** From now on it is told of signals and crashes. */
  join(): void {
    this.leave = this.#habitat.coordinator.join(this)
  }

  /** Leaves what it has lived in so far, for good. */
  moveTo(habitat: Habitat): void {
    this.leave()
    this.#habitat = habitat
    this.join()
  }

  /** The road of `lifecycle.shutdown()`, and whoever else is in the process comes along. */
  shutdown(reason: ShutdownReason): Promise<Report> {
    if (this.#reported === undefined) this.#habitat.coordinator.shutdown(reason, this)
    return this.begin(reason)
  }

  /** The road that ends with the process: bounded by the deadline. Resolves with the report. */
  begin(reason: ShutdownReason): Promise<Report> {
    this.#reported ??= within(ownDeadline(this.settings), this.#walk(reason)).then(({ outcome }) =>
      this.#conclude(outcome === 'timeout' ? 'deadline' : undefined)
    )
    return this.#reported
  }

  /** The road of a bare `app.close()`: as patient as Fastify's own close, and as honest about failure. */
  async close(): Promise<void> {
    await this.#walk({ type: 'close' })
    this.#conclude(undefined)
    const { closeError, failedHooks } = this.#shutdown as Shutdown
    if (closeError !== undefined) throw closeError.error
    if (failedHooks.length > 0) throw failureOf(failedHooks)
  }

  /** Ends the waiting, not the work: what is still under way is left to its fate, and reported. */
  abandon(): Report {
    return this.#conclude('abandoned')
  }

  /** An error that nobody caught while the shutdown is under way: it is kept, and changes nothing else. */
  crashed(error: unknown): void {
    this.#shutdown?.crashes.push(error)
  }

  /** The time that one part of a phase may take, so that everything behind it still gets its turn. */
  share(ms: number, phase: HookPhase, others = 0): number {
    const { budget } = this.#shutdown as Shutdown
    const later = hookPhases.slice(hookPhases.indexOf(phase) + 1)
    const hooksBehind = later.reduce((sum, behind) => sum + this.hooks.plan(behind).length, 0)
    const fastifyItself = 1
    return budget.share(ms, others + hooksBehind + fastifyItself)
  }

  /** Waits for a boot that is under way; whether it succeeds does not matter any more. */
  async booted(): Promise<void> {
    if (this.phases.current === 'starting') {
      await within(this.share(Number.POSITIVE_INFINITY, 'lameDuck', 1), this.#boot.settled())
    }
    this.hooks.seal()
  }

  get phase(): Phase {
    if (this.phases.current === 'starting') this.#boot.look()
    return this.phases.current
  }

  /** The app serves, unless a shutdown was quicker. */
  #becomeReady(): void {
    if (this.#shutdown !== undefined || !this.phases.canEnter('ready')) return
    this.phases.enter('ready')
    if (isRunByFastifyCLI()) takeOver(this.settings)
    this.#habitat.coordinator.warnOfOthers(this.app.log)
    const mismatch = mismatchOf(this.settings)
    if (mismatch !== undefined) logMismatch(this.app.log, mismatch, this.settings.deadline)
  }

  /** Whether the process is gone next. */
  get endsProcess(): boolean {
    return this.#habitat.ends && this.#habitat.coordinator.endsProcess
  }

  /** Resolves when the phase may end; `undefined` where nothing holds it open. */
  held(phase: HookPhase): Promise<void> | undefined {
    return this.#habitat.held(phase)
  }

  async closeFastify(shutdown: Shutdown): Promise<void> {
    try {
      await this.#closeFastify()
    } catch (error) {
      shutdown.closeError = { error }
    }
  }

  /** What the app is busy with, for the one who has to say it when the event loop is blocked. */
  outstanding(): Outstanding {
    return {
      phase: this.phases.current,
      hooks: this.#shutdown?.outstandingHooks ?? [],
      requests: this.traffic.flight.first(namedAtMost).map(describeExchange),
      inFlight: this.traffic.flight.count,
      work: this.work.first(namedAtMost)
    }
  }

  hookStarted(): void {
    this.#habitat.coordinator.note()
  }

  hookEnded(run: HookRun): void {
    this.#habitat.coordinator.note()
    const { budget } = this.#shutdown as Shutdown
    this.announcements.hook(hookReportOf(run, budget.start, now()), run.error)
  }

  #walk(reason: ShutdownReason): Promise<void> {
    // Looking may find the app ready, and a listener of that may begin a shutdown itself.
    const isReady = this.phase === 'ready'
    if (this.#walked === undefined) {
      const shutdown = this.#begin(reason, isReady)
      this.#walked = Promise.resolve().then(() => this.#run(shutdown))
      // Its listeners run at once, and whatever they do must find the shutdown begun.
      this.ending.abort(reason)
    }
    return this.#walked
  }

  #begin(reason: ShutdownReason, isReady: boolean): Shutdown {
    const { deadline } = this.settings
    const wasServing = isReady && this.app.server.listening
    const { maxWait } = this.#habitat
    const times = { deadline, budget: ownDeadline(this.settings), maxWait }
    const shutdown = new Shutdown(reason, times, { wasServing, connections: this.traffic.connections })
    this.#shutdown = shutdown
    if (isReady) this.hooks.seal()
    this.health.shutDown()
    // A bare close is mostly a test's, which has asked something just now, and asks no more.
    this.traffic.observe({ isInHurry: reason.type === 'close' })
    this.work.observe()
    return shutdown
  }

  /** Whatever goes wrong on the way, Fastify is closed and the report says it. */
  async #run(shutdown: Shutdown): Promise<void> {
    try {
      await walk(this, shutdown)
    } catch (error) {
      shutdown.crashes.push(error)
      await this.closeFastify(shutdown)
    }
    this.leave()
  }

  #conclude(cutOff: CutOff): Report {
    if (this.report === null) {
      const surroundings = {
        entries: this.phases.entries,
        requests: this.traffic.tally,
        work: this.work.tally,
        plans: hookPhases.map((phase) => this.hooks.plan(phase))
      }
      this.report = writeReport(this.#shutdown as Shutdown, surroundings, cutOff)
      this.announcements.report(this.report)
    }
    return this.report
  }

  #phaseEntered({ phase }: PhaseEntry, previous: Phase): void {
    this.#habitat.coordinator.note()
    logPhase(this, phase, this.#shutdown)
    this.announcements.phase({ phase, previous }, this.#shutdown?.reason)
  }
}

const leaveAll: Front = () => false

function failureOf(runs: readonly HookRun[]): Error {
  const what = runs.map(({ hook, outcome }) => `'${hook.name}' (${outcome})`).join(', ')
  return Object.assign(new FST_LIFECYCLE_HOOKS_FAILED(what), { cause: runs[0]?.error })
}
