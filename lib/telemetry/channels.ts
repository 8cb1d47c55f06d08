import type { AsyncLocalStorage } from 'node:async_hooks'
import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CheckEvent } from '../health/check.ts'
import type { HookPhase, Phase } from '../phases.ts'
import type { ShutdownReason } from '../report/reason.ts'
import type { CutRequest, HookOutcome, Report } from '../report/report.ts'

// Channels of node:diagnostics_channel, to which any part of the process can listen, without a reference to the app.
// All apps of the process use the same channels. Each message has an instance. Its `lifecycle` is one object for all
// instances of an app, so it tells apps apart.

/** On `fastify-lifecycle:phase`: a phase has begun. */
export interface PhaseMessage {
  /** The root instance of the app. */
  readonly fastify: FastifyInstance
  readonly phase: Phase
  readonly previous: Phase
  /** Why the app shuts down; `undefined` before a shutdown. */
  readonly reason: ShutdownReason | undefined
}

/**
 * On the tracing channel `fastify-lifecycle:hook`, which is `tracing:fastify-lifecycle:hook:start`,
 * `:end`, `:asyncStart`, `:asyncEnd` and `:error`: the same object on each, from the hook's
 * beginning to its end.
 *
 * @see https://nodejs.org/docs/latest-v20.x/api/diagnostics_channel.html#class-tracingchannel
 */
export interface HookMessage {
  /** The instance that the hook was registered on. */
  readonly fastify: FastifyInstance
  readonly name: string
  readonly phase: HookPhase
  readonly reason: ShutdownReason
  /**
   * How the hook ended; `undefined` while the hook runs. If the shutdown ends before the hook, it may stay
   * `undefined`.
   */
  outcome?: Extract<HookOutcome, 'ok' | 'error' | 'timeout'>
  /** The error of a hook that failed or took too long; `undefined` before that. */
  error?: unknown
}

/** On `fastify-lifecycle:rejected`: a request was answered 503, because the app is draining. */
export interface RejectedMessage {
  /** The instance on which the route of the request was added. */
  readonly fastify: FastifyInstance
  readonly request: FastifyRequest
}

/** On `fastify-lifecycle:cut`: a request was still in flight at `drainTimeout`, and was cut. */
export interface CutMessage {
  /** The root instance of the app. */
  readonly fastify: FastifyInstance
  readonly request: CutRequest
}

/** On `fastify-lifecycle:check`: a check is now in another state than before. */
export interface CheckMessage extends CheckEvent {
  /** The root instance of the app. */
  readonly fastify: FastifyInstance
}

/** On `fastify-lifecycle:report`: the shutdown is over. Unless `exit` is `false`, the process exits next. */
export interface ReportMessage {
  /** The root instance of the app. */
  readonly fastify: FastifyInstance
  readonly report: Report
}

/** The name of each channel, and the type of its messages. */
export interface LifecycleChannels {
  'fastify-lifecycle:phase': PhaseMessage
  'fastify-lifecycle:check': CheckMessage
  'fastify-lifecycle:rejected': RejectedMessage
  'fastify-lifecycle:cut': CutMessage
  'fastify-lifecycle:report': ReportMessage
}

/** A channel of `node:diagnostics_channel` whose messages have a type. */
export interface LifecycleChannel<Message> {
  readonly name: string
  /** Whether anybody listens; otherwise no message is made. */
  readonly hasSubscribers: boolean
  /** Calls `listener` with each message, at once. An error that it throws is an uncaught exception. */
  subscribe(listener: (message: Message) => void): void
  /** Removes a listener. Returns whether `listener` had been subscribed. */
  unsubscribe(listener: (message: Message) => void): boolean
  /**
   * Sets `store` to the value that `transform` returns for a message, while the code that the message is about runs.
   */
  bindStore<Store>(store: AsyncLocalStorage<Store>, transform: (message: Message) => Store): void
  /** Removes a store. Returns whether `store` had been bound. */
  unbindStore<Store>(store: AsyncLocalStorage<Store>): boolean
}

/** The functions for the steps of a hook. Each of the five may be left out. */
export type HookSubscribers = Partial<
  Record<'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error', (message: HookMessage) => void>
>

/** The tracing channel of the hooks. */
export interface HookChannel extends Readonly<Record<keyof HookSubscribers, LifecycleChannel<HookMessage>>> {
  readonly hasSubscribers: boolean
  /** Calls each of these functions when a hook reaches the step with the name of the function. */
  subscribe(subscribers: HookSubscribers): void
  /** Removes these functions. Returns whether all of them had been subscribed. */
  unsubscribe(subscribers: HookSubscribers): boolean
}

export const hookChannel = 'fastify-lifecycle:hook'

/**
 * The channels of `node:diagnostics_channel` that the lifecycle is published on, with types. They
 * are the same for all apps, and all copies of this package, in the process.
 *
 * @example
 * ```ts
 * channels.phase.subscribe(({ phase, reason }) => statsd.increment(`phase.${phase}`))
 * channels.hook.subscribe({ error: ({ name, error }) => captureException(error, { tags: { name } }) })
 * ```
 */
export const channels: {
  readonly phase: LifecycleChannel<PhaseMessage>
  readonly check: LifecycleChannel<CheckMessage>
  readonly rejected: LifecycleChannel<RejectedMessage>
  readonly cut: LifecycleChannel<CutMessage>
  readonly report: LifecycleChannel<ReportMessage>
  readonly hook: HookChannel
} = {
  phase: typed('fastify-lifecycle:phase'),
  check: typed('fastify-lifecycle:check'),
  rejected: typed('fastify-lifecycle:rejected'),
  cut: typed('fastify-lifecycle:cut'),
  report: typed('fastify-lifecycle:report'),
  hook: tracingChannel(hookChannel) as unknown as HookChannel
}

/** The channel with the type of its messages, which Node.js does not know. */
function typed<Name extends keyof LifecycleChannels>(name: Name): LifecycleChannel<LifecycleChannels[Name]> {
  return channel(name) as unknown as LifecycleChannel<LifecycleChannels[Name]>
}
