import type { FastifyBaseLogger } from 'fastify'
import { logFoundWatchdog, logLostWatchdog } from '../telemetry/log-process.ts'
import type { Facts } from '../watchdog/facts.ts'
import type { Limits, Watchdog } from '../watchdog/watchdog.ts'
import type { Host } from './host.ts'

/** The watchdog of a process, as long as there is anything to watch. */
export class Guard {
  readonly #host: Pick<Host, 'guard'>
  readonly #facts: () => Facts
  #watchdog: ReturnType<Host['guard']> | undefined

  constructor(host: Pick<Host, 'guard'>, facts: () => Facts) {
    this.#host = host
    this.#facts = facts
  }

  /**
   * Sets the limits of the watchdog; without limits there is none. The deadline is never earlier than
   * `othersDeadline`.
   */
  watch(own: Limits | undefined, othersDeadline: number, log: () => FastifyBaseLogger): void {
    const limits = notBefore(othersDeadline, own)
    if (limits === undefined) {
      this.#watchdog?.callOff()
      this.#watchdog = undefined
    } else if (this.#watchdog === undefined) {
      const logger = log()
      this.#watchdog = this.#host.guard(limits, this.#facts, {
        lost: (error) => logLostWatchdog(logger, error),
        found: () => logFoundWatchdog(logger)
      })
    } else {
      this.#watchdog.watch(limits)
    }
  }

  /** Tells the watchdog that the apps now do something else. */
  note(): void {
    this.#watchdog?.note()
  }

  get watchdog(): Pick<Watchdog, 'thread' | 'isAlive'> {
    return this.#watchdog ?? { thread: 0, isAlive: false }
  }
}

function notBefore(deadline: number, limits: Limits | undefined): Limits | undefined {
  if (limits?.deadline === undefined) return limits
  return { ...limits, deadline: Math.max(limits.deadline, deadline) }
}
