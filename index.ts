/**
 * The plugin, `app.lifecycle`, `app.onShutdown`, and the channels.
 *
 * @module fastify-lifecycle
 */

import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { takeOverClose } from './lib/app/close.ts'
import { Life } from './lib/app/life.ts'
import { Lifecycle } from './lib/app/lifecycle.ts'
import { claimServer, lineageOf, prepare } from './lib/app/register.ts'
import { fastifyVersions } from './lib/fastify-versions.ts'
import { ProbePaths, routerOf } from './lib/health/probe-paths.ts'
import { type OnShutdown, onShutdownFor } from './lib/hooks/on-shutdown.ts'
import type { LifecycleOptions } from './lib/options/options.ts'
import { settingsOf } from './lib/options/settings.ts'
import type { RouteLifecycle } from './lib/requests/route.ts'
import { channels } from './lib/telemetry/channels.ts'

const plugin: FastifyPluginAsync<LifecycleOptions> = async (instance, options) => {
  const lineage = lineageOf(instance)
  const app = lineage.at(-1) as FastifyInstance
  const settings = settingsOf(options)
  claimServer(app)
  const life: Life = new Life(
    app,
    settings,
    new ProbePaths(settings.health, routerOf(app)),
    takeOverClose(app, () => life.close())
  )
  app.decorate('lifecycle', new Lifecycle(life))
  app.decorate('onShutdown', onShutdownFor(life.hooks))
  await prepare(life, lineage)
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The phase of this app, and how to shut the app down. */
    readonly lifecycle: Lifecycle
    /** Registers a shutdown hook. */
    readonly onShutdown: OnShutdown
  }

  interface FastifyContextConfig {
    /** How this route behaves when the app shuts down. */
    lifecycle?: RouteLifecycle | undefined
  }
}

/**
 * Takes care of readiness, signals, the drain, shutdown hooks and the exit of the process. Register it once, best of
 * all on the root instance. It applies to the whole server, wherever you register it.
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
  // `require` returns the plugin itself, so the other exports are properties of the plugin.
  Object.assign(fp(plugin, { fastify: fastifyVersions, name: 'fastify-lifecycle' }), { channels })

export default fastifyLifecycle
export type { Lifecycle, LifecycleListener, ShutdownCallOptions } from './lib/app/lifecycle.ts'
export type { WebSocketOptions } from './lib/connections/farewell.ts'
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
  HookSchedule
} from './lib/hooks/hook.ts'
export type { AnyInstance, OnShutdown } from './lib/hooks/on-shutdown.ts'
export type { LifecycleOptions } from './lib/options/options.ts'
export type { HookPhase, Phase } from './lib/phases.ts'
export type { ShutdownSignal } from './lib/process/shutdown-signals.ts'
export type { ArrivalAddress, ArrivalReport } from './lib/report/arrivals.ts'
export type { ShutdownReason } from './lib/report/reason.ts'
export type {
  ActiveResource,
  ConnectionTally,
  CutRequest,
  ErrorReport,
  HandOverReport,
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
} from './lib/report/report.ts'
export type { RejectionBody } from './lib/requests/rejection.ts'
export type { RouteLifecycle } from './lib/requests/route.ts'
export type { TrackedWork, TrackOptions, WorkContext } from './lib/requests/track-options.ts'
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
} from './lib/telemetry/channels.ts'
export type { LifecycleEvents, PhaseEvent } from './lib/telemetry/events.ts'
export type { LogOptions } from './lib/telemetry/log-options.ts'
export type { HardKillOptions } from './lib/watchdog/hard-kill.ts'
export { channels, fastifyLifecycle }
