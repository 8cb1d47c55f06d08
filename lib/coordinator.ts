import type { FastifyBaseLogger } from 'fastify'
import { now } from './clock.ts'
import { exit } from './exit.ts'
import { logContested, logCrash } from './narration.ts'
import type { ShutdownSignal } from './options.ts'
import { type Watch, watchProcess } from './process-events.ts'
import type { ShutdownReason } from './reason.ts'

/** Signals that come within this time of the first, in ms, are the first one's echo. */
const echo = 500

/** What the coordinator needs of an app; the whole of what two copies of this package share. */
export interface Member {
  readonly settings: {
    readonly signals: readonly ShutdownSignal[]
    readonly crashes: boolean
    readonly exit: boolean
  }
  readonly app: { readonly log: FastifyBaseLogger }
  begin(reason: ShutdownReason): Promise<{ readonly exitCode: number }>
  abandon(): { readonly exitCode: number }
  crashed(error: unknown): void
}

/**
 * One for the process: it listens to signals and crashes for all apps, shuts them all down
 * together, and exits once, when the last is done.
 */
class Coordinator {
  readonly #members = new Set<Member>()
  #process: Watch | undefined
  #hasWarned = false
  /** The apps that are being shut down, and since when. */
  #ending: { readonly since: number; readonly members: readonly Member[] } | undefined

  /** Takes part until the returned function is called. */
  join(member: Member): () => void {
    this.#members.add(member)
    this.#watch()
    return () => {
      this.#members.delete(member)
      this.#watch()
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
    this.#ending = { since: now(), members }
    const reports = await Promise.all(members.map((member) => member.begin(reason)))
    await this.#leave(Math.max(...reports.map(({ exitCode }) => exitCode)))
  }

  /** Ends the process, or stops being in charge of it where an app says that it should live. */
  async #leave(code: number): Promise<void> {
    const { members } = this.#ending as { members: readonly Member[] }
    const logs = members.map(({ app }) => app.log)
    if (members.every(({ settings }) => settings.exit)) return exit(code, logs)
    this.#ending = undefined
    this.#watch()
  }

  #onSignal(signal: NodeJS.Signals): void {
    if (this.#ending === undefined) {
      this.shutdown({ type: 'signal', signal })
    } else if (now() - this.#ending.since > echo) {
      this.#abandon()
    }
  }

  /** Whoever asks twice means it: out, now, with the report of what is left undone. */
  #abandon(): void {
    const { members } = this.#ending as { members: readonly Member[] }
    for (const member of members) member.abandon()
    exit(
      1,
      members.map(({ app }) => app.log)
    )
  }

  #onCrash(type: NodeJS.UncaughtExceptionOrigin, error: unknown): void {
    const members = this.#ending?.members ?? [...this.#members]
    logCrash((members[0] as Member).app.log, type, error, this.#ending === undefined)
    if (this.#ending === undefined) this.shutdown({ type, error })
    else for (const member of members) member.crashed(error)
  }

  /** Listens to what the apps want, as long as there are any or the process is ending. */
  #watch(): void {
    if (this.#ending !== undefined) return
    const members = [...this.#members]
    const before = this.#process
    this.#process = watchProcess({
      signals: [...new Set(members.flatMap(({ settings }) => settings.signals))],
      crashes: members.some(({ settings }) => settings.crashes),
      onSignal: (signal) => this.#onSignal(signal),
      onCrash: (type, error) => this.#onCrash(type, error)
    })
    // In this order, so that there is no moment in which a signal has its default action.
    before?.stop()
  }
}

/** Changes when `Member` does, so that copies of this package that differ there do not meet. */
const key = Symbol.for('fastify-lifecycle.coordinator.1')

/** The coordinator of this process, shared by all copies of this package. */
export function coordinator(): Coordinator {
  const shared = globalThis as { [key]?: Coordinator }
  shared[key] ??= new Coordinator()
  return shared[key]
}
