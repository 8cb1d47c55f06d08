import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CheckEvent } from './health/check.ts'
import type { HookPhase } from './hooks.ts'
import type { Phase } from './phases.ts'
import type { ShutdownReason } from './reason.ts'
import type { CutRequest, HookOutcome, Report } from './report.ts'

// What happens, on channels of node:diagnostics_channel: any part of the process can listen,
// without a reference to the app, and where nobody does nothing is made.

/** On `fastify-lifecycle:phase`: a phase has begun. */
export interface PhaseMessage {
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
  readonly fastify: FastifyInstance
  readonly name: string
  readonly phase: HookPhase
  readonly reason: ShutdownReason
  /** How it ended, from then on. */
  outcome?: HookOutcome
  /** What it failed with, from then on: a hook that took too long has an error, too. */
  error?: unknown
}

/** On `fastify-lifecycle:rejected`: a request was turned away because the app is draining. */
export interface RejectedMessage {
  readonly fastify: FastifyInstance
  readonly request: FastifyRequest
}

/** On `fastify-lifecycle:cut`: a request was still in flight at `drainTimeout`, and was cut. */
export interface CutMessage {
  readonly fastify: FastifyInstance
  readonly request: CutRequest
}

/** On `fastify-lifecycle:check`: a check is now in another state than before. */
export interface CheckMessage extends CheckEvent {
  readonly fastify: FastifyInstance
}

/** On `fastify-lifecycle:report`: the shutdown is over, and the process is about to exit. */
export interface ReportMessage {
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

const hooks = tracingChannel<unknown, HookMessage>('fastify-lifecycle:hook')

/** Publishes what `message` makes, if anyone listens. */
export function publish<Name extends keyof LifecycleChannels>(
  name: Name,
  message: () => LifecycleChannels[Name]
): void {
  const found = channel(name)
  if (found.hasSubscribers) found.publish(message())
}

/** One hook's way through the tracing channel. */
export interface HookTrace {
  /** Calls the handler, so that what it does belongs to the trace. */
  run(call: () => unknown): unknown
  /** The handler has returned, and is not done. */
  returned(): void
  ended(outcome: HookOutcome, error: unknown): void
}

/** Follows a hook, if anyone listens. */
export function traceHook(message: HookMessage): HookTrace | undefined {
  if (!hooks.hasSubscribers) return undefined
  let isAsync = false
  return {
    run: (call) => hooks.start.runStores(message, call),
    returned() {
      isAsync = true
      hooks.end.publish(message)
    },
    ended(outcome, error) {
      message.outcome = outcome
      if (error !== undefined) {
        message.error = error
        hooks.error.publish(message)
      }
      if (!isAsync) hooks.end.publish(message)
      else hooks.asyncStart.runStores(message, () => hooks.asyncEnd.publish(message))
    }
  }
}
