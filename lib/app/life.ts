import { setMaxListeners } from 'node:events'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FST_LIFECYCLE_LISTEN_REFUSED } from '../errors.ts'
import { Health } from '../health/health.ts'
import type { ProbePaths } from '../health/probe-paths.ts'
import { type ProbeResponder, probeResponder } from '../health/probe-responder.ts'
import type { Readiness } from '../health/readiness.ts'
import { HookRegistry } from '../hooks/registry.ts'
import type { Settings } from '../options/settings.ts'
import { type Phase, PhaseMachine } from '../phases.ts'
import { isRunByFastifyCLI, takeOver } from '../process/fastify-cli.ts'
import { mismatchOf } from '../process/kill-timeout.ts'
import { othersAccept } from '../process/neighbours.ts'
import { coordinator } from '../process/shared-coordinator.ts'
import { type Surroundings, surroundingsWith } from '../process/surroundings.ts'
import { nameReason, type ShutdownReason } from '../report/reason.ts'
import type { Report } from '../report/report.ts'
import { BackgroundWork } from '../requests/background-work.ts'
import { currentCaller } from '../requests/caller.ts'
import { Traffic } from '../requests/traffic.ts'
import { outstandingOf } from '../shutdown/outstanding.ts'
import { sequence } from '../shutdown/sequence.ts'
import { type Parts, Shutdown } from '../shutdown/shutdown.ts'
import { keepTerminationLog } from '../shutdown/termination.ts'
import { isAskedFromInside, withoutDeadlock } from '../shutdown/waits-for-itself.ts'
import { conclude, reportSoFar, unstartedHooks } from '../shutdown/write-report.ts'
import { Events } from '../telemetry/events.ts'
import { logHeld, logPhase, logProbe } from '../telemetry/log.ts'
import { logMismatch } from '../telemetry/log-process.ts'
import { setStyle, styleFor } from '../telemetry/style.ts'
import { within } from '../time/within.ts'
import type { Outstanding } from '../watchdog/facts.ts'
import { ownDeadline } from '../watchdog/limits.ts'
import { type Boot, watchBoot } from './boot.ts'
import { UntoldBalancer } from './untold-balancer.ts'

/** The life of one app: its parts, and every way to its one shutdown. */
export class Life implements Parts {
  readonly app: FastifyInstance
  readonly settings: Settings
  readonly events: Events
  readonly phases: PhaseMachine
  readonly health: Health
  readonly probePaths: ProbePaths
  readonly respondToProbe: ProbeResponder
  readonly hooks: HookRegistry
  readonly traffic: Traffic
  readonly work: BackgroundWork
  readonly closeFastify: () => Promise<void>
  readonly ending: AbortController = new AbortController()
  readonly drain: AbortController = new AbortController()
  surroundings: Surroundings = surroundingsWith(coordinator())
  /** From now on, signals and crashes do not reach this app. */
  leave: () => void = () => {}
  readonly #boot: Boot
  readonly #balancer: UntoldBalancer = new UntoldBalancer(this)
  #shutdown: Shutdown | undefined
  #reported: Promise<Report> | undefined

  constructor(
    app: FastifyInstance,
    settings: Settings,
    probePaths: ProbePaths,
    closeFastify: () => Promise<void>
  ) {
    this.app = app
    this.settings = settings
    this.probePaths = probePaths
    this.closeFastify = closeFastify
    this.events = new Events(app, settings.log.report, () => this.endsProcess)
    setStyle(app.log, { level: settings.log.level, isBare: false })
    // Every stream and every poller may listen to these signals.
    setMaxListeners(0, this.ending.signal, this.drain.signal)
    this.phases = new PhaseMachine(({ phase }, previous) => this.#phaseEntered(phase, previous))
    this.health = new Health({
      settings: settings.health,
      phase: () => this.phase,
      onCheck: (event) => this.events.check(event),
      onHeld: (names, count, ms) => logHeld(app.log, names, count, ms),
      onProber: (sender) => this.#balancer.probed(sender)
    })
    this.respondToProbe = probeResponder(this.health, probePaths, (probe, { status }) =>
      logProbe(app.log, settings.health.logLevel, probe, status)
    )
    this.traffic = new Traffic(app, settings, settings.health.routes ? this.respondToProbe : () => false)
    this.work = new BackgroundWork(app.log)
    this.hooks = new HookRegistry(settings.hookTimeout)
    this.#boot = watchBoot(
      app,
      () => this.#becomeReady(),
      () => this.#refusal()
    )
  }

  get readiness(): Readiness {
    return this.health.readiness
  }

  get phase(): Phase {
    if (this.phases.current === 'starting') this.#boot.look()
    return this.phases.current
  }

  get report(): Report | null {
    return this.#shutdown?.report ?? null
  }

  /** Whether other processes take the new connections when the app shuts down. */
  get handsOver(): boolean {
    return this.settings.handOver ?? othersAccept(this.#boot.isOnPassedSocket())
  }

  /** Whether the process exits after the shutdown. */
  get endsProcess(): boolean {
    return this.surroundings.ends && this.surroundings.coordinator.endsProcess
  }

  readonly booted = (): Promise<void> => this.#boot.settled()

  /** From now on, signals and crashes reach this app. */
  join(): void {
    this.leave = this.surroundings.coordinator.join(this)
  }

  /** Moves the app to other surroundings, for good. */
  moveTo(surroundings: Surroundings): void {
    this.leave()
    this.surroundings = surroundings
    this.join()
  }

  /** A call of `lifecycle.shutdown()`. All other apps of the process are shut down, too. */
  shutdown(reason: ShutdownReason, request?: FastifyRequest): Promise<Report> {
    const call = '`lifecycle.shutdown()`'
    if (isAskedFromInside(this.#shutdown, call)) return Promise.resolve(reportSoFar(this.#shutdown))
    if (this.#reported === undefined) void this.surroundings.coordinator.shutdown(reason, this)
    const reported = this.begin(reason)
    const caller = request === undefined ? currentCaller() : this.traffic.waiting.callerWith(request)
    return withoutDeadlock(this.app.log, caller, call, reported, () =>
      reportSoFar(this.#shutdown as Shutdown)
    )
  }

  /** Begins a shutdown that ends within the deadline. Resolves with the report. */
  begin(reason: ShutdownReason, left: number = Number.POSITIVE_INFINITY): Promise<Report> {
    const shutdown = this.#start(reason, left)
    this.#reported ??= within(Math.min(ownDeadline(this.settings), left), this.#run(shutdown)).then(
      ({ outcome }) => conclude(shutdown, outcome === 'timeout' ? 'deadline' : undefined)
    )
    return this.#reported
  }

  /**
   * The same as `lifecycle.shutdown()`, if other workers already serve in place of this app. If the app hands over,
   * it does so at once.
   */
  replace(message: string): void {
    void this.shutdown({ type: 'shutdown', message })
    if (this.handsOver) this.#shutdown?.replace()
  }

  /**
   * A call of `app.close()`. Like Fastify's own close, it waits as long as it takes, and rejects if something
   * failed.
   */
  close(): Promise<void> {
    const call = '`app.close()`'
    if (isAskedFromInside(this.#shutdown, call)) return Promise.resolve()
    return withoutDeadlock(this.app.log, currentCaller(), call, this.#close(), () => {})
  }

  async #close(): Promise<void> {
    const shutdown = this.#start({ type: 'close' })
    await this.#run(shutdown)
    conclude(shutdown, undefined)
    shutdown.throwFailure()
  }

  /** Ends the window of the lame duck, because a person insists on the end. Returns whether the window was open. */
  endLameDuck(): boolean {
    const end = this.#shutdown?.endLameDuck
    end?.('signal')
    return end !== undefined
  }

  /** Stops waiting, and writes the report. Unfinished hooks and requests are not stopped, but reported. */
  abandon(): void {
    if (this.#shutdown !== undefined) conclude(this.#shutdown, 'abandoned')
  }

  /** Records an error that nobody caught during the shutdown. */
  crashed(error: unknown): void {
    this.#shutdown?.crashes.add(() => error)
  }

  /** What the app has not finished, for the watchdog's last line. */
  outstanding(): Outstanding {
    return outstandingOf(this, this.#shutdown?.runs)
  }

  unstartedHooks(): readonly string[] {
    return this.#shutdown === undefined ? [] : unstartedHooks(this.#shutdown)
  }

  #start(reason: ShutdownReason, left?: number): Shutdown {
    // Reading the phase may make the app ready. A listener to the event `'phase'` may then begin a shutdown
    // itself.
    const isReady = this.phase === 'ready'
    if (this.#shutdown !== undefined) return this.#shutdown
    const shutdown = new Shutdown(this, reason, isReady, left)
    this.#shutdown = shutdown
    setStyle(this.app.log, styleFor(this.settings.log, reason))
    keepTerminationLog(shutdown)
    if (isReady) this.hooks.seal()
    this.health.shutDown()
    // Most calls of `app.close()` come from a test that has just sent its last request, and should not have to wait.
    this.traffic.observe({ isInHurry: reason.type === 'close', since: shutdown.budget.start })
    this.work.observe()
    void this.#run(shutdown)
    // The listeners to this signal run at once, so the shutdown must have begun before.
    this.ending.abort(reason)
    return shutdown
  }

  async #run(shutdown: Shutdown): Promise<void> {
    await shutdown.run(sequence)
    this.leave()
  }

  /** The error of a `listen()` that comes after the shutdown has begun; `undefined` before that. */
  #refusal(): Error | undefined {
    if (this.#shutdown === undefined) return undefined
    return new FST_LIFECYCLE_LISTEN_REFUSED(nameReason(this.#shutdown.reason))
  }

  /** Enters the phase `ready`, unless a shutdown has begun. */
  #becomeReady(): void {
    if (this.#shutdown !== undefined || !this.phases.canEnter('ready')) return
    const { log } = this.app
    const { deadline } = this.settings
    this.phases.enter('ready')
    if (isRunByFastifyCLI()) takeOver(this.settings)
    this.surroundings.coordinator.warnOfOthers(log)
    const mismatch = mismatchOf(deadline)
    if (mismatch !== undefined) logMismatch(log, mismatch, deadline)
    this.#balancer.ready()
  }

  #phaseEntered(phase: Phase, previous: Phase): void {
    this.surroundings.coordinator.note()
    const reason = this.#shutdown?.reason
    if (reason !== undefined) {
      const { traffic, hooks, settings } = this
      logPhase(this.app.log, phase, {
        ...{ reason, deadline: settings.deadline, inFlight: traffic.flight.count },
        ...{
          handsOver: this.#shutdown?.handsOver === true,
          isIdle: this.#shutdown?.lameDuck.ended === 'skipped' && traffic.isIdle,
          cut: traffic.cutCount,
          hooks: hooks.plan('closing').hooks.length
        }
      })
    }
    this.events.phase({ phase, previous }, reason)
    if (phase === 'draining') this.drain.abort(reason)
  }
}
