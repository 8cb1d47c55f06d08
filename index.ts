/**
 * The plugin, `app.lifecycle`, `app.onShutdown`, and the channels.
 *
 * @module fastify-lifecycle
 */

import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { channels } from './lib/channels.ts'
import { takeOverClose } from './lib/close.ts'
import { Life } from './lib/life.ts'
import { Lifecycle } from './lib/lifecycle.ts'
import { type OnShutdown, onShutdownFor } from './lib/on-shutdown.ts'
import type { LifecycleOptions, RouteLifecycle } from './lib/options.ts'
import { lineageOf, prepare } from './lib/registration.ts'
import { settingsOf } from './lib/settings.ts'

const plugin: FastifyPluginAsync<LifecycleOptions> = async (instance, options) => {
  const lineage = lineageOf(instance)
  const app = lineage.at(-1) as FastifyInstance
  const settings = settingsOf(options)
  const life: Life = new Life(
    app,
    settings,
    takeOverClose(app, () => life.close())
  )
  app.decorate('lifecycle', new Lifecycle(life))
  app.decorate('onShutdown', onShutdownFor(life.hooks))
  await prepare(life, lineage)
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Where this app stands in its life, and how to end it. */
    readonly lifecycle: Lifecycle
    /** Registers a shutdown hook. */
    readonly onShutdown: OnShutdown
  }

  interface FastifyContextConfig {
    /** How this route behaves when the app shuts down. */
    lifecycle?: RouteLifecycle
  }
}

/**
 * Walks the process through its life: readiness, signals, the drain, shutdown hooks and the exit.
 * Register it once, best of all on the root instance: wherever it is, it is for the whole server.
 *
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import lifecycle from 'fastify-lifecycle'
 *
 * const app = Fastify({ logger: true })
 * await app.register(lifecycle, { deadline: 25_000, lameDuck: 5_000 })
 * app.onShutdown('db', () => db.end())
 * await app.listen({ port: 3000 })
 * ```
 */
const fastifyLifecycle: FastifyPluginAsync<LifecycleOptions> & { readonly channels: typeof channels } =
  // `require` returns the plugin itself, so they are to be found on it.
  Object.assign(fp(plugin, { fastify: '^5.3.0', name: 'fastify-lifecycle' }), { channels })

export default fastifyLifecycle
export type { LifecycleEvents, PhaseEvent } from './lib/announcements.ts'
export type {
  CheckMessage,
  CutMessage,
  HookChannel,
  HookMessage,
  HookSubscribers,
  LifecycleChannel,
  LifecycleChannels,
  PhaseMessage,
  RejectedMessage,
  ReportMessage
} from './lib/channels.ts'
export type {
  CheckContext,
  CheckEvent,
  CheckFunction,
  CheckOptions,
  CheckState,
  Probe
} from './lib/health/check.ts'
export type { AnswerBody, CheckDetails } from './lib/health/health.ts'
export type { Release } from './lib/health/holds.ts'
export type { HealthOptions } from './lib/health/options.ts'
export type {
  DisposableResource,
  HookContext,
  HookHandler,
  HookOptions,
  HookPhase,
  HookSchedule
} from './lib/hooks.ts'
export type { Lifecycle } from './lib/lifecycle.ts'
export type { OnShutdown } from './lib/on-shutdown.ts'
export type {
  HardKillOptions,
  LifecycleOptions,
  RouteLifecycle,
  ShutdownSignal,
  WebSocketOptions
} from './lib/options.ts'
export type { Phase } from './lib/phases.ts'
export type { ShutdownReason } from './lib/reason.ts'
export type {
  ActiveResource,
  ConnectionTally,
  CutRequest,
  ErrorReport,
  HookOutcome,
  HookReport,
  LameDuckReport,
  PhaseReport,
  ReasonReport,
  Report,
  RequestTally,
  ShutdownOutcome,
  UnfinishedWork,
  WorkTally
} from './lib/report.ts'
export type { TrackedWork, WorkContext } from './lib/work.ts'
export { channels, fastifyLifecycle }
