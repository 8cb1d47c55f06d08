import type { FastifyInstance } from 'fastify'
import { fastifyLifecycle, type HookContext, type LifecycleOptions } from '../index.ts'
import { FST_LIFECYCLE_NESTJS_APP } from '../lib/errors.ts'
import { say } from '../lib/telemetry/say.ts'
import { attempt, kindOf } from '../lib/validation/read.ts'
import { describe } from '../lib/validation/validate.ts'

/** A Nest application on Fastify, as `NestFactory.create` of Nest 10, 11 and 12 returns it. */
export interface NestApplication {
  /** Nest's own method. */
  getHttpAdapter(): {
    /** The Fastify instance. */
    getInstance(): unknown
  }
  /** Nest's own method. After `registerLifecycle` it does the same as `app.close()`. */
  close(): Promise<unknown>
}

/** A Nest application with a protected method. All of these versions have `unsubscribeFromProcessSignals`. */
interface Nest extends NestApplication {
  getHttpAdapter(): { getInstance(): unknown; close(): Promise<void> }
  close(signal?: string): Promise<unknown>
  enableShutdownHooks?(): Nest
  unsubscribeFromProcessSignals?(): void
}

/**
 * Registers the plugin on the Fastify instance of a Nest application, and makes Nest's own shutdown a part of the
 * plugin's shutdown. A signal, a crash or `nest.close()` runs the providers' `onModuleDestroy`,
 * `beforeApplicationShutdown` and `onApplicationShutdown` as one shutdown hook named `nest`. It runs in the phase
 * `closing`, when no request is in flight any more. The hook may take as long as the deadline leaves. Nest does not
 * listen to signals itself: `enableShutdownHooks()` has no effect, whether you call it before or after this function.
 *
 * Call it after `NestFactory.create`, and before `nest.listen()` or `nest.init()`. It returns the Fastify instance,
 * which has `lifecycle` and `onShutdown`.
 *
 * Throws `FST_LIFECYCLE_NESTJS_APP` for a value that is not a Nest application on Fastify, and the errors of
 * `register`.
 *
 * @param options The options of the plugin.
 * @default {}
 * @example
 * ```ts
 * import { NestFactory } from '@nestjs/core'
 * import { FastifyAdapter } from '@nestjs/platform-fastify'
 * import { registerLifecycle } from 'fastify-lifecycle/nestjs'
 *
 * const nest = await NestFactory.create(AppModule, new FastifyAdapter())
 * const app = await registerLifecycle(nest, { deadline: 25_000 })
 * app.onShutdown('consumer', { phase: 'lameDuck' }, () => nest.get(Consumer).stop())
 * await nest.listen(3000, '0.0.0.0')
 * ```
 * @see https://docs.nestjs.com/fundamentals/lifecycle-events
 */
export async function registerLifecycle(
  nest: NestApplication,
  options: LifecycleOptions = {}
): Promise<FastifyInstance> {
  const app = fastifyOf(nest)
  await app.register(fastifyLifecycle, options)
  const closeNest = takeOver(nest as Nest, app)
  app.onShutdown('nest', { timeout: app.lifecycle.deadline }, ({ reason }: HookContext) =>
    closeNest(reason.type === 'signal' ? reason.signal : undefined)
  )
  return app
}

function fastifyOf(nest: NestApplication): FastifyInstance {
  const app: unknown = attempt(() => nest.getHttpAdapter().getInstance(), undefined)
  // Express does not have `addHook`.
  const isFastify = attempt(() => typeof (app as FastifyInstance).addHook === 'function', false)
  if (isFastify) return app as FastifyInstance
  const kind = kindOf(nest) === 'object' ? 'one on another server, or none' : describe(nest)
  throw new FST_LIFECYCLE_NESTJS_APP(kind)
}

/** Makes every way to end Nest lead through the plugin. Returns a function that runs Nest's own hooks. */
function takeOver(nest: Nest, app: FastifyInstance): (signal?: string) => Promise<unknown> {
  // NestFactory returns a proxy, whose methods call the replaced methods. So this takes `close` from the prototype.
  const { close } = Object.getPrototypeOf(nest) as Nest
  const replace = (owner: object, name: string, value: unknown) =>
    Object.defineProperty(owner, name, { configurable: true, writable: true, value })
  // Nest closes its server in the middle of its own hooks. Here the plugin closes the server after these hooks.
  replace(nest.getHttpAdapter(), 'close', async () => {})
  replace(nest, 'close', () => app.close())
  replace(nest, 'enableShutdownHooks', () => {
    say(app.log, 'warn', { code: 'LIFECYCLE_NESTJS_HOOKS' }, needless)
    return nest
  })
  // If `enableShutdownHooks()` was called before, Nest already listens to signals. It would run its hooks while
  // requests are in flight.
  nest.unsubscribeFromProcessSignals?.()
  return (signal) => close.call(nest, signal)
}

const needless =
  "enableShutdownHooks() does nothing here: fastify-lifecycle listens to the signals and runs Nest's hooks when no " +
  'request is in flight. Remove the call'
