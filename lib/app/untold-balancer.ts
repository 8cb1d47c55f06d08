import type { FastifyInstance } from 'fastify'
import { isRemote } from '../health/probers.ts'
import type { Settings } from '../options/settings.ts'
import { logUntoldBalancer } from '../telemetry/log-process.ts'
import { trustsProxy } from '../undocumented.ts'

/** The members of an app that the warning depends on. */
interface Told {
  readonly app: FastifyInstance
  readonly settings: Settings
  readonly handsOver: boolean
}

/**
 * Warns once if a balancer seems to be in front of the app, and no option says how the balancer notices the shutdown.
 */
export class UntoldBalancer {
  readonly #life: Told
  #hasSaid = false

  constructor(life: Told) {
    this.#life = life
  }

  /** Called when the app begins to serve. */
  ready(): void {
    if (trustsProxy(this.#life.app)) this.#say('`trustProxy` is set')
  }

  /** Called when a client has asked the readiness probe several times. */
  probed(sender: string): void {
    if (isRemote(sender)) this.#say('another host asks the readiness probe')
  }

  #say(sign: string): void {
    const { app, settings, handsOver } = this.#life
    if (this.#hasSaid || settings.isLeaveSettled || settings.lameDuck.max > 0 || handsOver) return
    this.#hasSaid = true
    logUntoldBalancer(app.log, sign)
  }
}
