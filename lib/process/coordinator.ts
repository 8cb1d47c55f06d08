import type { FastifyBaseLogger } from 'fastify'
import { FST_LIFECYCLE_LISTEN_REFUSED } from '../errors.ts'
import type { ShutdownReason } from '../report/reason.ts'
import { logCrash } from '../telemetry/log-process.ts'
import { now, setImmediate } from '../time/clock.ts'
import { within } from '../time/within.ts'
import { limitsOf } from '../watchdog/limits.ts'
import { Place } from './barrier.ts'
import { Contest } from './contest.ts'
import { noteCrash } from './crash.ts'
import { Ending, endedByOthers, patienceUntil } from './ending.ts'
import { exitHasBegun } from './exit-by-others.ts'
import { Guard } from './guard.ts'
import type { Host } from './host.ts'
import { insists } from './insist.ts'
import { factsOf, logsOf, type Member } from './member.ts'
import { Members } from './members.ts'
import type { Watch } from './signals.ts'

/**
 * The process has one coordinator; tests may make more. It listens to signals and crashes for all apps, and
 * shuts them down together. It exits once, when the last app is done.
 */
export class Coordinator {
  readonly #host: Host
  readonly #members = new Members<Member>()
  readonly #contest = new Contest()
  readonly #guard: Guard
  readonly #place: Place
  #process: Watch | undefined
  /** The apps that are being shut down, and since when. */
  #ending: Ending<Member> | undefined

  constructor(host: Host) {
    this.#host = host
    this.#guard = new Guard(host, () => factsOf(this.#all, this.#ending?.exit))
    this.#place = new Place(host.barrier, () => this.#othersChanged())
  }

  /** Takes part until the returned function is called. */
  join(member: Member): () => void {
    this.#members.add(member)
    this.#changed()
    // The app's hooks are not registered yet.
    setImmediate(() => this.#bringAlong(member))
    return () => {
      this.#members.delete(member)
      this.#changed()
    }
  }

  /** If an app joins while the others end, it is shut down with them, in the time that is left. */
  #bringAlong(member: Member): void {
    this.#othersChanged()
    const ending = this.#ending
    if (ending === undefined || ending.isOver || !ending.endsProcess) return
    if (!this.#members.has(member) || ending.all.includes(member)) return
    ending.all.push(member)
    ending.codes.push(this.#codeOf(member, ending.reason, ending.giveUpAt - now()))
  }

  /** Another version of this package ends its apps, and the process with them. */
  #othersChanged(): void {
    this.#watchLimits()
    if (this.#ending === undefined && this.#members.size > 0 && this.#place.othersEnd) {
      // Not at once: if the other version ends because of a signal, this version receives the signal next. The
      // signal is the better reason.
      setImmediate(() => {
        if (this.#members.size > 0 && this.#place.othersEnd) void this.shutdown(endedByOthers)
      })
    }
  }

  /** Logs the other listeners for the same signals. */
  warnOfOthers(log: FastifyBaseLogger): void {
    this.#contest.look(this.#process as Watch, log)
  }

  /** Shuts every app down, also the app that asks for it. Only the first call counts, with its reason. */
  async shutdown(reason: ShutdownReason, asking?: Member): Promise<void> {
    if (this.#ending !== undefined) return
    const members = [...new Set(asking === undefined ? this.#members : [...this.#members, asking])]
    const ending = new Ending(reason, members, (ending) => this.#guardExit(ending))
    this.#ending = ending
    const { deadline, endsProcess } = ending
    this.#place.set({ state: 'ending', deadline, keepsProcess: !endsProcess })
    // The limits are set before any app begins, because the code of an app may block the event loop at once.
    this.#watchLimits()
    ending.codes.push(...members.map((member) => this.#codeOf(member, reason)))
    await this.#leave(ending, await ending.code())
  }

  /** The exit code of one app. Never rejects: the process ends even if an app's shutdown throws. */
  async #codeOf(member: Member, reason: ShutdownReason, left?: number): Promise<number> {
    try {
      return (await member.begin(reason, left)).exitCode
    } catch (error) {
      logCrash([member.app.log], 'unhandledRejection', error, false)
      return 1
    }
  }

  /**
   * Whether the process ends with the apps that are shut down. It lives on if an app, or another version, keeps
   * it alive.
   */
  get endsProcess(): boolean {
    return this.#ending?.endsProcess === true && !this.#place.isKept
  }

  /**
   * Ends the process. If an app keeps the process alive, the coordinator goes on, and listens to signals only
   * for the apps that are left.
   */
  async #leave(ending: Ending<Member>, code: number): Promise<void> {
    if (ending.isOver) return
    ending.isOver = true
    this.#place.set({ state: 'done', exitCode: code, keepsProcess: !ending.endsProcess })
    const times = () => ending.timesBeside(this.#place.deadline)
    if (this.endsProcess) await within(Math.max(0, times().giveUpAt - now()), this.#place.empty())
    if (this.endsProcess) {
      const highest = () => (ending.crashes > 0 ? 1 : Math.max(code, this.#place.exitCode))
      return this.#host.exit(highest, logsOf(ending.all), patienceUntil(times()))
    }
    ending.unguard()
    this.#ending = undefined
    this.#place.set({ state: 'serving', keepsProcess: false })
    // Removes also the apps that will never end: as long as they are members, the process listens to signals
    // for them.
    for (const member of ending.all) this.#members.delete(member)
    this.#changed()
  }

  /** Tells the watchdog, if there is one, that the apps now do something else. */
  note(): void {
    this.#guard.note()
  }

  /** Called when an app has joined or left. */
  #changed(): void {
    this.#listen()
    this.#watchLimits()
  }

  #watchLimits(): void {
    this.#place.isTaken = this.#members.size > 0 || this.#ending !== undefined
    const limits = limitsOf([...this.#members], this.#place.isKept ? undefined : this.#ending)
    this.#guard.watch(limits, this.#place.deadline, () => (this.#all[0] as Member).app.log)
  }

  #guardExit(ending: Ending<Member>): () => void {
    return this.#host.guardExit({
      endsProcess: () => this.endsProcess,
      times: () => ending.timesBeside(this.#place.deadline),
      watchdog: () => this.#guard.watchdog,
      facts: () => factsOf(this.#all, ending.exit),
      begun: (exit) => exitHasBegun(ending, exit),
      waits: (exit) => {
        ending.exit = exit
        this.note()
      }
    })
  }

  /** The apps that are being shut down, or else all members. */
  get #all(): readonly Member[] {
    return this.#ending?.all ?? [...this.#members]
  }

  #onSignal(signal: NodeJS.Signals): void {
    const { log } = (this.#all[0] as Member).app
    if (this.#ending === undefined) void this.shutdown({ type: 'signal', signal })
    else if (insists(signal, this.#ending)) this.#abandon(this.#ending)
    this.#contest.look(this.#process as Watch, log, signal)
  }

  /**
   * Ends the process now, with a report of what is unfinished. If an app keeps the process alive, this only
   * stops listening. The next signal then reaches the app's own handlers, or has the system's default action.
   */
  #abandon(ending: Ending<Member>): void {
    for (const member of ending.all) member.abandon()
    void this.#leave(ending, 1)
  }

  #onCrash(type: NodeJS.UncaughtExceptionOrigin, error: unknown): void {
    // The shutdown goes on, and the error of `listen` has already given the reason.
    if (error instanceof FST_LIFECYCLE_LISTEN_REFUSED) return
    noteCrash(type, error, this.#all, this.#ending)
    if (this.#ending === undefined) void this.shutdown({ type, error })
  }

  /** Listens to the signals and crashes that the apps want, as long as there are apps or the process is ending. */
  #listen(): void {
    if (this.#ending !== undefined) return
    const members = [...this.#members]
    const before = this.#process
    this.#process = this.#host.watch({
      signals: [...new Set(members.flatMap(({ settings }) => settings.signals))],
      crashes: members.some(({ settings }) => settings.crashes),
      onSignal: (signal) => this.#onSignal(signal),
      onCrash: (type, error) => this.#onCrash(type, error)
    })
    // The old watch stops after the new one has begun, so that a signal never has its default action.
    before?.stop()
  }
}
