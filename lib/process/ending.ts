import type { ShutdownReason } from '../report/reason.ts'
import { now } from '../time/clock.ts'
import type { ExitFacts } from '../watchdog/facts.ts'
import { type KillSettings, latestDeadline, ownDeadline } from '../watchdog/limits.ts'
import type { ExitPatience } from './exit.ts'
import { RepeatedSignals } from './repeated-signal.ts'

interface Guarded {
  readonly settings: KillSettings
}

/** Why the apps of one version end because those of another do. */
export const endedByOthers: ShutdownReason = {
  type: 'shutdown',
  message: 'another version of fastify-lifecycle ends the process'
}

/** When an end must be over, in ms on the monotonic clock. */
export interface Times {
  /** When the process must be gone. */
  readonly deadline: number
  /** When the main thread gives up by itself. */
  readonly giveUpAt: number
}

/**
 * How long the exit may wait. The loggers get half of what is left until the watchdog would end the process. The
 * other half is for their `'exit'` listeners, which write what could not be written through a pool that is held.
 */
export function patienceUntil({ deadline, giveUpAt }: Times): ExitPatience {
  const logs = Math.min(500, Math.max(100, (deadline - now()) / 2))
  return { logs, pool: Math.max(0, giveUpAt - now()) }
}

/** One end of all apps of a process: since when, and how far it is. */
export class Ending<Member extends Guarded> {
  readonly since: number = now()
  readonly reason: ShutdownReason
  /** The apps that it began with: they decide how long it may take. */
  readonly members: readonly Member[]
  /** Those that have come since, too. */
  readonly all: Member[]
  /** The exit codes of all of them. */
  readonly codes: Promise<number>[] = []
  /** What the signals mean that come from now on. */
  readonly signals: RepeatedSignals
  /** How many errors nobody caught since it began. */
  crashes = 0
  /** Whether every app has ended, or is waited for no longer. */
  isOver = false
  /** What the process does at its very end. */
  exit: ExitFacts | undefined
  /** Gives the exit back to Node.js. */
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

  /** Whether the process ends with these apps, or lives because one of them says so. */
  get endsProcess(): boolean {
    return this.all.every(({ settings }) => settings.exit)
  }

  /** When the process must be gone, in ms on the monotonic clock. */
  get deadline(): number {
    return this.since + latestDeadline(this.members)
  }

  /** When the main thread gives up by itself, in ms on the monotonic clock. */
  get giveUpAt(): number {
    return this.since + Math.max(0, ...this.members.map(({ settings }) => ownDeadline(settings)))
  }

  /** When it must be over beside others, in another version of the package, who may take longer: they are not cut off. */
  timesBeside(othersDeadline: number): Times {
    const deadline = Math.max(this.deadline, othersDeadline)
    return { deadline, giveUpAt: deadline - (this.deadline - this.giveUpAt) }
  }

  /** The highest exit code, once all have ended. It waits also for those that come meanwhile. */
  async code(): Promise<number> {
    let highest = 0
    for (const code of this.codes) highest = Math.max(highest, await code)
    return highest
  }
}
