import type { ShutdownReason } from '../report/reason.ts'
import { now } from '../time/clock.ts'
import type { ExitFacts } from '../watchdog/facts.ts'
import { type KillSettings, latestDeadline, ownDeadline } from '../watchdog/limits.ts'
import type { ExitPatience } from './exit.ts'
import { RepeatedSignals } from './repeated-signal.ts'

interface Guarded {
  readonly settings: KillSettings
}

/** The reason for a shutdown that another version's apps started. */
export const endedByOthers: ShutdownReason = {
  type: 'shutdown',
  message: 'another version of fastify-lifecycle ends the process'
}

/** When the end of the process must be over, in ms on the monotonic clock. */
export interface Times {
  /** When the process must be gone. */
  readonly deadline: number
  /** When the main thread stops waiting, and ends the process itself. */
  readonly giveUpAt: number
}

/**
 * How long the exit may wait. The loggers get half of what is left until the watchdog would end the process.
 * The other half is for the loggers' `'exit'` listeners. They write the lines that libuv's busy pool could not
 * write.
 */
export function patienceUntil({ deadline, giveUpAt }: Times): ExitPatience {
  const logs = Math.min(500, Math.max(100, (deadline - now()) / 2))
  return { logs, pool: Math.max(0, giveUpAt - now()) }
}

/** One shutdown of all apps of a process: its beginning, its apps and its state. */
export class Ending<Member extends Guarded> {
  readonly since: number = now()
  readonly reason: ShutdownReason
  /** The apps that the shutdown began with. They decide how long it may take. */
  readonly members: readonly Member[]
  /** All apps: those that the shutdown began with, and those that joined since then. */
  readonly all: Member[]
  /** The exit codes of all apps. */
  readonly codes: Promise<number>[] = []
  /** Decides what each later signal means. */
  readonly signals: RepeatedSignals
  /** The number of errors that nobody caught since the shutdown began. */
  crashes = 0
  /** Whether every app has ended, or the coordinator no longer waits for it. */
  isOver = false
  /** What the process does while it exits. */
  exit: ExitFacts | undefined
  /** Removes the guard from the exit of the process. */
  readonly unguard: () => void

  constructor(
    reason: ShutdownReason,
    members: readonly Member[],
    guard: (ending: Ending<Member>) => () => void
  ) {
    this.reason = reason
    this.members = members
    this.all = [...members]
    this.signals = new RepeatedSignals(this.since, reason.type === 'signal')
    this.unguard = guard(this)
  }

  /** Whether the process ends with these apps. It lives on if one of them sets `exit: false`. */
  get endsProcess(): boolean {
    return this.all.every(({ settings }) => settings.exit)
  }

  /** When the process must be gone, in ms on the monotonic clock. */
  get deadline(): number {
    return this.since + latestDeadline(this.members)
  }

  /** When the main thread stops waiting, and ends the process itself, in ms on the monotonic clock. */
  get giveUpAt(): number {
    return this.since + Math.max(0, ...this.members.map(({ settings }) => ownDeadline(settings)))
  }

  /** The times of this end if apps of another version end too. Those apps may take longer, and are not cut off. */
  timesBeside(othersDeadline: number): Times {
    const deadline = Math.max(this.deadline, othersDeadline)
    return { deadline, giveUpAt: deadline - (this.deadline - this.giveUpAt) }
  }

  /** The highest exit code, once all apps have ended. Waits also for apps that join in the meantime. */
  async code(): Promise<number> {
    let highest = 0
    for (const code of this.codes) highest = Math.max(highest, await code)
    return highest
  }
}
