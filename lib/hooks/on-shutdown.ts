import type { FastifyInstance } from 'fastify'
import type {
  DisposableResource,
  HookHandler,
  HookOptions,
  HookSchedule,
  OnShutdownArguments
} from './hook.ts'
import type { HookRegistry } from './registry.ts'

/**
 * Registers a shutdown hook, in the forms of `fastify.get` and `fastify.route`, and returns the
 * instance. Hooks of a phase run one after another, last in, first out, unless `dependsOn` says otherwise.
 *
 * Throws `FST_LIFECYCLE_HOOK_INVALID`, `FST_LIFECYCLE_OPTION_INVALID` or `FST_LIFECYCLE_OPTION_UNKNOWN` for
 * arguments that cannot be a hook. Throws `FST_LIFECYCLE_HOOK_DUPLICATE` for a name that is taken. Throws
 * `FST_LIFECYCLE_HOOK_TOO_LATE` once the shutdown has begun. `FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN`,
 * `FST_LIFECYCLE_HOOK_CYCLE` and `FST_LIFECYCLE_HOOK_ORDER` make the boot reject; after the boot this call
 * throws them.
 *
 * @example
 * ```ts
 * app
 *   .onShutdown('orders', { phase: 'lameDuck' }, () => consumer.stop())
 *   .onShutdown('outbox', { timeout: 2_000 }, ({ signal }) => outbox.flush({ signal }))
 *   .onShutdown({ name: 'db', handler: () => db.end() })
 *   .onShutdown(connection) // an object with Symbol.asyncDispose or Symbol.dispose
 * ```
 */
export interface OnShutdown {
  <App extends AnyInstance, This extends App | FastifyInstance = App>(
    this: App,
    handler: HookHandler<This>
  ): App
  <App extends AnyInstance, This extends App | FastifyInstance = App>(
    this: App,
    name: string,
    handler: HookHandler<This>
  ): App
  <App extends AnyInstance, This extends App | FastifyInstance = App>(
    this: App,
    name: string,
    schedule: HookSchedule,
    handler: HookHandler<This>
  ): App
  <App extends AnyInstance, This extends App | FastifyInstance = App>(this: App, hook: HookOptions<This>): App
  <App extends AnyInstance>(this: App, disposable: DisposableResource): App
}

/**
 * A Fastify instance, whatever its server, logger and type provider. `FastifyInstance` itself would not fit:
 * with other type arguments it is another type, on which `onShutdown` could not be called.
 */
export interface AnyInstance {
  readonly pluginName: string
  /** Fastify's own method. */
  close(): unknown
}

export function onShutdownFor(hooks: HookRegistry): OnShutdown {
  return function onShutdown<App>(this: App, ...hook: readonly unknown[]): App {
    hooks.add(this as FastifyInstance, hook as OnShutdownArguments)
    return this
  }
}
