import Fastify, { type FastifyInstance } from 'fastify'
import type { HookReport, LifecycleOptions, Report } from '../../index.ts'
import type { Scenario } from './hook-graphs.ts'
import { VirtualTime } from './virtual-time.ts'

const time = new VirtualTime()
const { default: lifecycle } = await time.load(() => import('../../index.ts'))

/** A hook began, with so many ms, or ended. */
export type HookEvent =
  | { readonly what: 'start'; readonly name: string; readonly at: number; readonly timeout: number }
  | { readonly what: 'end'; readonly name: string; readonly at: number; readonly report: HookReport }

/** An app whose hooks do what a scenario says, in a time of its own. */
export class HookRun {
  readonly app: FastifyInstance = Fastify()
  /** In the order in which it happened. */
  readonly log: HookEvent[] = []

  static async make(options: LifecycleOptions): Promise<HookRun> {
    const run = new HookRun()
    const { app, log } = run
    time.forget()
    const close = app.close.bind(app) as () => Promise<undefined>
    app.close = (() => time.real(close)) as typeof app.close
    await app.register(lifecycle, { signals: false, ...options })
    app.lifecycle.on('hook', (report) => log.push({ what: 'end', name: report.name, at: time.now, report }))
    return run
  }

  add(hooks: readonly Scenario[]): void {
    for (const hook of hooks) {
      const { name, phase, timeout, dependsOn } = hook
      this.app.onShutdown(name, { phase, timeout, ...(dependsOn && { dependsOn }) }, ({ timeout }) => {
        this.log.push({ what: 'start', name, at: time.now, timeout })
        return this.#behave(hook)
      })
    }
  }

  /** Closes the app, and says what that failed with. */
  async close(): Promise<unknown> {
    return time.until(this.app.close()).then(
      () => undefined,
      (error: unknown) => error
    )
  }

  shutdown(): Promise<Report> {
    return time.until(this.app.lifecycle.shutdown())
  }

  /** The names in the order in which the hooks began. */
  get started(): string[] {
    return this.log.filter(({ what }) => what === 'start').map(({ name }) => name)
  }

  /** The timers that run on, but for those of the hooks themselves. */
  get timersLeft(): number {
    return time.timers
  }

  #behave({ name, does, lasts }: Scenario): unknown {
    const error = () => new Error(`${name} ${does}`)
    switch (does) {
      case 'returns':
        return name
      case 'throws':
        throw error()
      case 'breaks':
        return {
          // biome-ignore lint/suspicious/noThenProperty: what a hook returns may be anything
          then() {
            throw error()
          }
        }
      case 'hangs':
        return new Promise(() => {})
      case 'resolves':
        return pause(lasts)
      case 'rejects':
        return pause(lasts).then(() => Promise.reject(error()))
    }
  }
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await time.sleep(ms)
}
