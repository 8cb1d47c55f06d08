import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { FST_LIFECYCLE_HOOK_DUPLICATE, FST_LIFECYCLE_HOOK_TOO_LATE } from './errors.ts'
import { hookOptionsOf } from './hook-arguments.ts'
import { edgesOf, HookPlan, namedBy } from './hook-graph.ts'
import type { Phase } from './phases.ts'
import type { ShutdownReason } from './reason.ts'

/** A phase in which shutdown hooks run. */
export type HookPhase = Extract<Phase, 'lameDuck' | 'draining' | 'closing'>

export const hookPhases: readonly HookPhase[] = ['lameDuck', 'draining', 'closing']

/** What a shutdown hook is given. */
export interface HookContext {
  /** The hook's own name. */
  readonly name: string
  /** The phase it runs in. */
  readonly phase: HookPhase
  /** Why the app shuts down. */
  readonly reason: ShutdownReason
  /** Aborts when the hook's time is up: pass it on to whatever can be cancelled. */
  readonly signal: AbortSignal
  /** The hook's limit in ms, clamped to what is left of the budget. */
  readonly timeout: number
  /** A logger whose lines carry the hook's name. */
  readonly log: FastifyBaseLogger
}

/** A shutdown hook's work. `this` is the instance that the hook was registered on. */
export type HookHandler = (this: FastifyInstance, context: HookContext) => unknown

/** How a shutdown hook runs. */
export interface HookSchedule {
  /**
   * The phase it runs in: beside the serving, beside the drain, or when nothing is in flight.
   *
   * @default 'closing'
   * @example
   * ```ts
   * app.onShutdown('orders', { phase: 'lameDuck' }, () => consumer.stop())
   * ```
   */
  phase?: HookPhase
  /**
   * The ms it may take, clamped to what is left of the budget. When they are over its `signal`
   * aborts, and it is left behind and reported.
   *
   * @default the plugin's `hookTimeout`
   * @example
   * ```ts
   * app.onShutdown('outbox', { timeout: 2_000 }, ({ signal }) => outbox.flush({ signal }))
   * ```
   */
  timeout?: number
  /**
   * The names of the hooks that this one needs: it stops before them. Hooks that nothing orders
   * run side by side, so `[]` frees a hook to begin at once, unless another one names it.
   *
   * Throws, when the app boots, `FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN`, `FST_LIFECYCLE_HOOK_CYCLE`
   * or `FST_LIFECYCLE_HOOK_ORDER`.
   *
   * @default the hook registered before this one in its phase: last in, first out
   * @example
   * ```ts
   * app.onShutdown('outbox', { dependsOn: ['db', 'broker'] }, () => outbox.flush())
   * app.onShutdown('metrics', { dependsOn: [] }, () => metrics.push())
   * ```
   */
  dependsOn?: readonly string[]
}

/** A shutdown hook as one object. */
export interface HookOptions extends HookSchedule {
  /**
   * A name of its own, for the logs, the report, and the `dependsOn` of other hooks.
   *
   * @default the handler's own name, or 'hook'; numbered where that is taken
   * @example
   * ```ts
   * app.onShutdown({ name: 'db', handler: () => db.end() })
   * ```
   */
  name?: string
  /**
   * What is done: it returns nothing, or a promise where it is not done at once.
   *
   * @example
   * ```ts
   * app.onShutdown({ name: 'outbox', handler: ({ signal }) => outbox.flush({ signal }) })
   * ```
   */
  handler: HookHandler
}

/** An object that knows how to dispose of itself. */
export type DisposableResource = AsyncDisposable | Disposable

/** The forms of `app.onShutdown`, which mirror `fastify.get` and `fastify.route`. */
export type OnShutdownArguments =
  | readonly [handler: HookHandler]
  | readonly [name: string, handler: HookHandler]
  | readonly [name: string, schedule: HookSchedule, handler: HookHandler]
  | readonly [hook: HookOptions]
  | readonly [disposable: DisposableResource]

/** A registered hook: every default filled in. */
export interface Hook {
  readonly name: string
  readonly phase: HookPhase
  readonly timeout: number
  /** `undefined`: whatever was registered before it in its phase. */
  readonly dependsOn: readonly string[] | undefined
  readonly handler: HookHandler
  readonly instance: FastifyInstance
}

/** The shutdown hooks of one root instance, in the order of their registration. */
export class HookRegistry {
  readonly #hooks = new Map<string, Hook>()
  readonly #defaultTimeout: number
  #plans: ReadonlyMap<HookPhase, HookPlan> | undefined
  #checked = false
  #sealed = false

  constructor(defaultTimeout: number) {
    this.#defaultTimeout = defaultTimeout
  }

  add(instance: FastifyInstance, args: OnShutdownArguments): void {
    const {
      name,
      handler,
      phase = 'closing',
      timeout = this.#defaultTimeout,
      dependsOn
    } = hookOptionsOf(args)
    const unique = name ?? this.#nameFor(handler)
    if (this.#sealed) throw new FST_LIFECYCLE_HOOK_TOO_LATE(unique)
    if (this.#hooks.has(unique)) throw new FST_LIFECYCLE_HOOK_DUPLICATE(unique)
    const hook = { name: unique, phase, timeout, dependsOn, handler, instance }
    // No hook has named this one yet, so it closes no circle.
    if (this.#checked) namedBy(hook, this.#all)
    this.#hooks.set(unique, hook)
  }

  /** Throws if the hooks cannot be ordered. From now on each new one is checked when it comes. */
  check(): void {
    edgesOf(this.#all)
    this.#checked = true
  }

  /** From now on, registering is an error: the shutdown has begun. */
  seal(): void {
    this.#sealed = true
  }

  /** How the hooks of a phase run. */
  plan(phase: HookPhase): HookPlan {
    const plans = this.#plans ?? this.#makePlans()
    // Before that, more of them may come.
    if (this.#sealed) this.#plans = plans
    return plans.get(phase) as HookPlan
  }

  #makePlans(): ReadonlyMap<HookPhase, HookPlan> {
    const edges = this.#edges()
    return new Map(hookPhases.map((phase) => [phase, new HookPlan(phase, edges)]))
  }

  get #all(): Hook[] {
    return [...this.#hooks.values()]
  }

  /** Where the boot has failed, what was named may be missing: then it is last in, first out. */
  #edges(): ReturnType<typeof edgesOf> {
    try {
      return edgesOf(this.#all)
    } catch {
      return edgesOf(this.#all.map((hook) => ({ ...hook, dependsOn: undefined })))
    }
  }

  /** A hook without a name gets its function's, numbered where that is taken. */
  #nameFor(handler: HookHandler): string {
    const base = handler.name || 'hook'
    let name = base
    for (let count = 2; this.#hooks.has(name); count++) name = `${base}-${count}`
    return name
  }
}
