import type { AsyncLocalStorage } from 'node:async_hooks'
import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CheckEvent } from '../health/check.ts'
import type { HookPhase, Phase } from '../phases.ts'
import type { ShutdownReason } from '../report/reason.ts'
import type { CutRequest, HookOutcome, Report } from '../report/report.ts'

// What happens, on channels of node:diagnostics_channel: any part of the process can listen,
// without a reference to the app. Channels are the process's: whatever the instance in a message,
// its `lifecycle` is the same object for all of one app, and tells apps apart.

/** On `fastify-lifecycle:phase`: a phase has begun. */
export interface PhaseMessage {
  /** The root instance of the app. */
  readonly fastify: FastifyInstance
  readonly phase: Phase
  readonly previous: Phase
  /** Why the app shuts down; `undefined` while it does not. */
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
  /** How it ended, from then on. One that the shutdown's own end overtakes never has any. */
  outcome?: Extract<HookOutcome, 'ok' | 'error' | 'timeout'>
  /** What it failed with, from then on: a hook that took too long has an error, too. */
  error?: unknown
}

/** On `fastify-lifecycle:rejected`: a request was turned away because the app is draining. */
export interface RejectedMessage {
  /** The instance that the request's route is on. */
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

/** Each channel's name, and what is published on it. */
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
  /** Calls `listener` with each message, at once. What it throws is an uncaught exception. */
  subscribe(listener: (message: Message) => void): void
  /** Whether `listener` had been subscribed. */
  unsubscribe(listener: (message: Message) => void): boolean
  /** Puts what `transform` makes of a message into `store`, for as long as what the message is about runs. */
  bindStore<Store>(store: AsyncLocalStorage<Store>, transform: (message: Message) => Store): void
  /** Whether `store` had been bound. */
  unbindStore<Store>(store: AsyncLocalStorage<Store>): boolean
}

/** What is called at each step of a hook's way: any of the five. */
export type HookSubscribers = Partial<
  Record<'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error', (message: HookMessage) => void>
>

/** The tracing channel of the hooks. */
export interface HookChannel extends Readonly<Record<keyof HookSubscribers, LifecycleChannel<HookMessage>>> {
  readonly hasSubscribers: boolean
  /** Calls each function when its step of a hook comes. */
  subscribe(subscribers: HookSubscribers): void
  /** Whether all of them had been subscribed. */
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

/** Node.js knows no types of messages. */
function typed<Name extends keyof LifecycleChannels>(name: Name): LifecycleChannel<LifecycleChannels[Name]> {
  return channel(name) as unknown as LifecycleChannel<LifecycleChannels[Name]>
}
