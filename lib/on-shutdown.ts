import type { FastifyInstance } from 'fastify'
import type {
  DisposableResource,
  HookHandler,
  HookOptions,
  HookRegistry,
  HookSchedule,
  OnShutdownArguments
} from './hooks.ts'

/**
 * Registers a shutdown hook, in the forms of `fastify.get` and `fastify.route`, and returns the
 * instance. Hooks of a phase run one after another, last in, first out, unless `dependsOn` says otherwise.
 *
 * Throws `FST_LIFECYCLE_HOOK_INVALID`, `FST_LIFECYCLE_OPTION_INVALID` or
 * `FST_LIFECYCLE_OPTION_UNKNOWN` for arguments that cannot be a hook,
 * `FST_LIFECYCLE_HOOK_DUPLICATE` for a name that is taken, and `FST_LIFECYCLE_HOOK_TOO_LATE` once
 * the shutdown has begun. Once the app has booted also `FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN`,
 * `FST_LIFECYCLE_HOOK_CYCLE` and `FST_LIFECYCLE_HOOK_ORDER`, which before that the boot rejects with.
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
  (this: FastifyInstance, handler: HookHandler): FastifyInstance
  (this: FastifyInstance, name: string, handler: HookHandler): FastifyInstance
  (this: FastifyInstance, name: string, schedule: HookSchedule, handler: HookHandler): FastifyInstance
  (this: FastifyInstance, hook: HookOptions): FastifyInstance
  (this: FastifyInstance, disposable: DisposableResource): FastifyInstance
}

export function onShutdownFor(hooks: HookRegistry): OnShutdown {
  return function onShutdown(this: FastifyInstance, ...hook: readonly unknown[]) {
    hooks.add(this, hook as OnShutdownArguments)
    return this
  }
}
