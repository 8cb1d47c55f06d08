import type { FastifyBaseLogger } from 'fastify'
import { now } from './clock.ts'
import { type Host, thisProcess } from './host.ts'
import { bindingsOf, logContested, logCrash, logLastCrash, logLostWatchdog } from './narration.ts'
import type { Settings } from './options.ts'
import { phaseOrder } from './phases.ts'
import type { Watch } from './process-events.ts'
import type { ShutdownReason } from './reason.ts'
import { type Facts, mergeOutstanding, type Outstanding } from './watchdog/facts.ts'
import { limitsOf } from './watchdog/limits.ts'

/** Signals that come within this time of the first, in ms, are the first one's echo. */
const echo = 500

/**
 * How many errors that nobody caught are taken note of in a shutdown. Where the log itself is what fails, each
 * line about one would be the next.
 */
const mostCrashes = 100

/** What the coordinator needs of an app; the whole of what two copies of this package share. */
export interface Member {
  readonly settings: Pick<Settings, 'signals' | 'crashes' | 'exit' | 'deadline' | 'hardKill'>
  readonly app: { readonly log: FastifyBaseLogger }
  begin(reason: ShutdownReason): Promise<{ readonly exitCode: number }>
  abandon(): { readonly exitCode: number }
  crashed(error: unknown): void
  outstanding(): Outstanding
}

interface Ending {
  readonly since: number
  readonly members: readonly Member[]
  /** When the first signal came, which another way to begin may have preceded. */
  signalled: number | undefined
  /** How many errors nobody caught since it began. */
  crashes: number
}

/**
 * One for the process, but for those that tests play: it listens to signals and crashes for all apps,
 * shuts them all down together, and exits once, when the last is done.
 */
export class Coordinator {
  readonly #host: Host
  readonly #members = new Set<Member>()
  #process: Watch | undefined
  #hasWarned = false
  /** The apps that are being shut down, and since when. */
  #ending: Ending | undefined
  #watchdog: ReturnType<Host['guard']> | undefined

  constructor(host: Host) {
    this.#host = host
  }

  /** Takes part until the returned function is called. */
  join(member: Member): () => void {
    this.#members.add(member)
    this.#watch()
    this.#guard()
    return () => {
      this.#members.delete(member)
      this.#watch()
      this.#guard()
    }
  }

  /** Says, once, if someone else listens to the same signals: whoever exits first cuts the other off. */
  warnOfOthers(log: FastifyBaseLogger): void {
    const contested = (this.#process as Watch).contested()
    if (this.#hasWarned || contested.length === 0) return
    this.#hasWarned = true
    logContested(log, contested)
  }

  /** Shuts every app down, and the one that asks for it. What it was called for first counts. */
  async shutdown(reason: ShutdownReason, asking?: Member): Promise<void> {
    if (this.#ending !== undefined) return
    const members = [...new Set(asking === undefined ? this.#members : [...this.#members, asking])]
    const since = now()
    const signalled = reason.type === 'signal' ? since : undefined
    const ending: Ending = { since, members, signalled, crashes: 0 }
    this.#ending = ending
    // Before any of them begins: what they run may block the event loop at once.
    this.#guard()
    const codes = await Promise.all(members.map((member) => this.#codeOf(member, reason)))
    if (this.#ending === ending) await this.#leave(Math.max(...codes))
  }

  /** Whatever goes wrong with one of them, the process ends. */
  async #codeOf(member: Member, reason: ShutdownReason): Promise<number> {
    try {
      return (await member.begin(reason)).exitCode
    } catch (error) {
      logCrash([member.app.log], 'unhandledRejection', error, false)
      return 1
    }
  }

  /** Whether the process ends with what is being shut down, or lives because an app there says so. */
  get endsProcess(): boolean {
    return this.#ending?.members.every(({ settings }) => settings.exit) === true
  }

  /** Ends the process, or stops being in charge of it. */
  async #leave(code: number): Promise<void> {
    const ending = this.#ending as Ending
    if (this.endsProcess) {
      const logs = ending.members.map(({ app }) => app.log)
      return this.#host.exit(() => (ending.crashes > 0 ? 1 : code), logs, this.#timeToFlush())
    }
    this.#ending = undefined
    // Also those that have not ended, and never will: nobody else could hear a signal as long as they do.
    for (const member of ending.members) this.#members.delete(member)
    this.#watch()
    this.#guard()
  }

  /** What the apps are doing has changed, and the watchdog, if there is one, should know. */
  note(): void {
    this.#watchdog?.note()
  }

  /** Has the watchdog watch what there is to watch; without anything to watch there is none. */
  #guard(): void {
    const limits = limitsOf([...this.#members], this.#ending)
    if (limits === undefined) {
      this.#watchdog?.callOff()
      this.#watchdog = undefined
    } else if (this.#watchdog === undefined) {
      const { log } = (this.#all[0] as Member).app
      this.#watchdog = this.#host.guard(
        limits,
        () => this.#facts(),
        (error) => logLostWatchdog(log, error)
      )
    } else {
      this.#watchdog.watch(limits)
    }
  }

  #facts(): Facts {
    const members = this.#all
    const outstanding = mergeOutstanding(
      members.map((member) => member.outstanding()),
      phaseOrder
    )
    return { ...outstanding, at: now(), bindings: bindingsOf((members[0] as Member).app.log) }
  }

  /** The apps that this is about: those being shut down, or else those there are. */
  get #all(): readonly Member[] {
    return this.#ending?.members ?? [...this.#members]
  }

  #onSignal(signal: NodeJS.Signals): void {
    if (this.#ending === undefined) {
      this.shutdown({ type: 'signal', signal })
      return
    }
    this.#ending.signalled ??= now()
    if (now() - this.#ending.signalled > echo) this.#abandon()
  }

  /**
   * Whoever asks twice means it: out, now, with the report of what is left undone. A process that
   * is not ours to end is left to its own signal handlers, or, by the third signal, to the system.
   */
  #abandon(): void {
    for (const member of (this.#ending as Ending).members) member.abandon()
    this.#leave(1)
  }

  /** The loggers get most of what is left until the watchdog would end the process. */
  #timeToFlush(): number {
    const { since, members } = this.#ending as Ending
    const left = since + Math.max(...members.map(({ settings }) => settings.deadline)) - now()
    return Math.min(500, Math.max(200, left * 0.8))
  }

  #onCrash(type: NodeJS.UncaughtExceptionOrigin, error: unknown): void {
    const members = this.#all
    const logs = members.map(({ app }) => app.log)
    const number = this.#ending === undefined ? 0 : ++this.#ending.crashes
    if (number > mostCrashes) return
    logCrash(logs, type, error, this.#ending === undefined)
    if (number === mostCrashes) logLastCrash(logs)
    // An app that is being closed already has its own reason, and must not end as if all were well.
    for (const member of members) member.crashed(error)
    if (this.#ending === undefined) this.shutdown({ type, error })
  }

  /** Listens to what the apps want, as long as there are any or the process is ending. */
  #watch(): void {
    if (this.#ending !== undefined) return
    const members = [...this.#members]
    const before = this.#process
    this.#process = this.#host.watch({
      signals: [...new Set(members.flatMap(({ settings }) => settings.signals))],
      crashes: members.some(({ settings }) => settings.crashes),
      onSignal: (signal) => this.#onSignal(signal),
      onCrash: (type, error) => this.#onCrash(type, error)
    })
    // In this order, so that there is no moment in which a signal has its default action.
    before?.stop()
  }
}

/** Changes when `Member` or the coordinator does, so that copies of this package that differ there do not meet. */
const key = Symbol.for('fastify-lifecycle.coordinator.5')

/** The coordinator of this process, shared by all copies of this package. */
export function coordinator(): Coordinator {
  const shared = globalThis as { [key]?: Coordinator }
  shared[key] ??= new Coordinator(thisProcess)
  return shared[key]
}
