import type { FastifyInstance } from 'fastify'
import { isRemote } from '../health/probers.ts'
import type { Settings } from '../options/settings.ts'
import { logUntoldBalancer } from '../telemetry/log-process.ts'
import { trustsProxy } from '../undocumented.ts'

/** What it must know of the app. */
interface Told {
  readonly app: FastifyInstance
  readonly settings: Settings
  readonly handsOver: boolean
}

/** Says once that a balancer seems to stand in front, and does not learn when the app ends. */
export class UntoldBalancer {
  readonly #life: Told
  #hasSaid = false

  constructor(life: Told) {
    this.#life = life
  }

  /** The app serves. */
  ready(): void {
    if (trustsProxy(this.#life.app)) this.#say('`trustProxy` is set')
  }

  /** Somebody asks the readiness probe again and again. */
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
