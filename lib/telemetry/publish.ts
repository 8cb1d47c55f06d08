import { channel, tracingChannel } from 'node:diagnostics_channel'
import { type HookMessage, hookChannel, type LifecycleChannels } from './channels.ts'

// Where nobody listens nothing is made.

const hooks = tracingChannel<unknown, HookMessage>(hookChannel)

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
  /** Runs the hook, so that what it does and how it ends belong to the trace. */
  run<Result>(hook: () => Result): Result
  /** The handler has returned, and is not done. */
  returned(): void
  ended(outcome: NonNullable<HookMessage['outcome']>, error: unknown): void
}

/**
 * Follows a hook, if anyone listens when it begins.
 *
 * Node.js can trace a promise itself, but what is traced here is not always one, and its time may be up
 * before it settles. The events, their order and their stores are the same.
 */
export function traceHook(makeMessage: () => HookMessage): HookTrace | undefined {
  if (!hooks.hasSubscribers) return undefined
  const message = makeMessage()
  let isAsync = false
  return {
    run: (hook) => hooks.start.runStores(message, hook),
    returned() {
      isAsync = true
      hooks.end.publish(message)
    },
    ended(outcome, error) {
      message.outcome = outcome
      if (outcome !== 'ok') {
        message.error = error
        hooks.error.publish(message)
      }
      if (!isAsync) hooks.end.publish(message)
      else hooks.asyncStart.runStores(message, () => hooks.asyncEnd.publish(message))
    }
  }
}
