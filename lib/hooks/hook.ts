import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { HookPhase } from '../phases.ts'
import type { ShutdownReason } from '../report/reason.ts'

/** What a shutdown hook receives. */
export interface HookContext {
  /** The hook's own name. */
  readonly name: string
  /** The phase that the hook runs in. */
  readonly phase: HookPhase
  /** Why the app shuts down. */
  readonly reason: ShutdownReason
  /** Aborts when the hook's time is up: pass it on to whatever can be cancelled. */
  readonly signal: AbortSignal
  /** The hook's time limit in ms, at most what is left of the budget. */
  readonly timeout: number
  /** A logger whose lines carry the hook's name. */
  readonly log: FastifyBaseLogger
}

/**
 * A shutdown hook's work. `this` is the instance that the hook was registered on.
 *
 * @typeParam Instance The type of that instance, for an app with another server, logger or type provider.
 */
export type HookHandler<Instance = FastifyInstance> = (this: Instance, context: HookContext) => unknown

/** How a shutdown hook runs. */
export interface HookSchedule {
  /**
   * The phase that the hook runs in: while the app still serves, during the drain, or when no request is in
   * flight any more.
   *
   * @default 'closing'
   * @example
   * ```ts
   * app.onShutdown('orders', { phase: 'lameDuck' }, () => consumer.stop())
   * ```
   */
  phase?: HookPhase | undefined
  /**
   * How many ms the hook may take, at most what is left of the budget. After that, the hook's `signal` aborts.
   * The shutdown goes on without the hook, and reports the timeout.
   *
   * @default the plugin's `hookTimeout`
   * @example
   * ```ts
   * app.onShutdown('outbox', { timeout: 2_000 }, ({ signal }) => outbox.flush({ signal }))
   * ```
   */
  timeout?: number | undefined
  /**
   * The names of the hooks that this hook needs. This hook stops before those hooks. Hooks without an order between
   * them run side by side. So a hook with `[]` begins at once, unless another hook names it.
   *
   * If the names cannot be used, the boot rejects with `FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN`,
   * `FST_LIFECYCLE_HOOK_CYCLE` or `FST_LIFECYCLE_HOOK_ORDER`.
   *
   * @default the hook registered before this one in its phase: last in, first out
   * @example
   * ```ts
   * app.onShutdown('outbox', { dependsOn: ['db', 'broker'] }, () => outbox.flush())
   * app.onShutdown('metrics', { dependsOn: [] }, () => metrics.push())
   * ```
   */
  dependsOn?: readonly string[] | undefined
  /**
   * Removes the hook when this signal aborts, like the `signal` of `addEventListener`. After that, the hook
   * does not begin any more, and its name is free again. Hooks that name the removed hook in `dependsOn`
   * no longer wait for it.
   *
   * @default none: the hook stays
   * @example
   * ```ts
   * const left = new AbortController()
   * app.onShutdown('session', { signal: left.signal }, () => session.leave())
   * session.on('left', () => left.abort())
   * ```
   */
  signal?: AbortSignal | undefined
}

/**
 * A shutdown hook as one object.
 *
 * @typeParam Instance The type of the instance that the hook is registered on.
 */
export interface HookOptions<Instance = FastifyInstance> extends HookSchedule {
  /**
   * The hook's unique name, for the logs, the report, and the `dependsOn` of other hooks.
   *
   * @default the handler's own name, or 'hook'; with a number if that name is taken
   * @example
   * ```ts
   * app.onShutdown({ name: 'db', handler: () => db.end() })
   * ```
   */
  name?: string | undefined
  /**
   * The function that runs. It returns nothing, or a promise if it is asynchronous.
   *
   * @example
   * ```ts
   * app.onShutdown({ name: 'outbox', handler: ({ signal }) => outbox.flush({ signal }) })
   * ```
   */
  handler: HookHandler<Instance>
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
  /** `undefined` stands for the hook that was registered before this one in the same phase. */
  readonly dependsOn: readonly string[] | undefined
  /** Whether the app has removed the hook by its `signal`. A removed hook does not begin. */
  readonly isTakenBack: () => boolean
  readonly handler: HookHandler
  readonly instance: FastifyInstance
}
