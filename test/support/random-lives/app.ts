import Fastify, { type FastifyInstance } from 'fastify'
import type { HookPhase, Phase, TrackedWork } from '../../../index.ts'
import { VirtualTime } from '../virtual-time.ts'

export const time: VirtualTime = new VirtualTime()
const { default: lifecycle } = await time.load(() => import('../../../index.ts'))

/** What every app of these lives is made with. Nothing ends the process, so the watchdog has no part. */
export const settings = {
  deadline: 5_000,
  lameDuck: { max: 1_000, min: 200, probes: 1 },
  drainTimeout: 2_000,
  exit: false
} as const

export interface Setup {
  readonly listens: boolean
  /** How long its `onClose` takes, in ms. */
  readonly closesFor: number
  readonly handOver: boolean
  /** What its `preClose` hook does, if it has one. */
  readonly preClose: 'returns' | 'throws' | 'takes a while' | 'hangs' | undefined
}

/** A hook as a life makes it up. */
export interface MadeUpHook {
  readonly name: string
  readonly phase: HookPhase
  readonly dependsOn: readonly string[] | undefined
  readonly does: 'returns' | 'throws' | 'takes a while' | 'hangs'
}

/** An app, and what was seen of it. */
export class ObservedApp {
  readonly app: FastifyInstance = Fastify()
  readonly #setup: Setup
  readonly phases: Phase[] = ['starting']
  /** When its lame duck began. */
  lameDuckSince: number | undefined
  /** When each report was written. */
  readonly reported: number[] = []
  /** The names of the hooks, as often as they ran. */
  readonly ran: string[] = []
  /** How often its `preClose` hook ran. */
  preClosed = 0
  /** What `close()` and `shutdown()` have returned. */
  readonly promises: Promise<unknown>[] = []
  /** What was tracked and has not ended. */
  readonly work: TrackedWork[] = []
  /** How many steps of work are under way, and how many have begun in the shutdown. */
  steps = 0
  lateSteps = 0

  private constructor(setup: Setup) {
    this.#setup = setup
  }

  static async make(setup: Setup): Promise<ObservedApp> {
    const observed = new ObservedApp(setup)
    const { app } = observed
    const close = app.close.bind(app) as () => Promise<undefined>
    app.close = (() => time.real(close)) as typeof app.close
    await app.register(lifecycle, { ...settings, handOver: setup.handOver })
    app.addHook('onClose', () => time.virtual(() => time.sleep(setup.closesFor)))
    const { preClose } = setup
    if (preClose !== undefined) {
      app.addHook('preClose', async function streams() {
        observed.preClosed++
        await observed.#do('streams', preClose)
      })
    }
    app.get('/', async () => 'ok')
    app.lifecycle.on('phase', ({ phase }) => {
      observed.phases.push(phase)
      if (phase === 'lameDuck') observed.lameDuckSince = time.now
    })
    app.lifecycle.on('report', () => observed.reported.push(time.now))
    return observed
  }

  /** Boots it, if that was not done yet. */
  async boot(): Promise<void> {
    const { app } = this
    const isClosing = app.lifecycle.signal.aborted
    await time.real(async () => {
      if (this.#setup.listens && !isClosing) await app.listen({ port: 0, host: '127.0.0.1' })
      else await app.ready()
    })
  }

  get phase(): Phase {
    return this.app.lifecycle.phase
  }

  /** Whether requests are served although it drains. */
  get handsOver(): boolean {
    return this.#setup.handOver && this.phase === 'draining'
  }

  get hasReported(): boolean {
    return this.app.lifecycle.report !== null
  }

  add({ name, phase, dependsOn, does }: MadeUpHook): void {
    this.app.onShutdown(name, { phase, timeout: 700, ...(dependsOn && { dependsOn }) }, () => {
      this.ran.push(name)
      return this.#do(name, does)
    })
  }

  /** Work of two steps: the second begins within the first, which ends with it. */
  async workInSteps(): Promise<void> {
    await this.#step(() => this.#step(() => Promise.resolve()))
  }

  #step(then: () => Promise<void>): Promise<void> {
    const { lifecycle } = this.app
    return lifecycle.track(async () => {
      this.steps++
      if (lifecycle.signal.aborted && !this.hasReported) this.lateSteps++
      try {
        await time.sleep(100)
        await then()
      } finally {
        this.steps--
      }
    }, 'step')
  }

  #do(name: string, does: MadeUpHook['does']): unknown {
    if (does === 'throws') throw new Error(name)
    if (does === 'takes a while') return time.sleep(300)
    return does === 'hangs' ? new Promise(() => {}) : undefined
  }

  close(): void {
    // It rejects where a hook has failed, as it should.
    this.promises.push(this.app.close().catch(() => {}))
  }

  shutdown(): void {
    this.promises.push(this.app.lifecycle.shutdown())
  }

  /** Asks without a connection; `undefined` where Fastify is closed and takes nothing more. */
  async get(url: string): Promise<number | undefined> {
    try {
      const { statusCode } = await time.real(() => this.app.inject(url))
      return statusCode
    } catch {
      return undefined
    }
  }
}
