import { channel, tracingChannel } from 'node:diagnostics_channel'
import { type HookMessage, hookChannel, type LifecycleChannels } from './channels.ts'

// If nobody listens to a channel, no message is made.

const hooks = tracingChannel<unknown, HookMessage>(hookChannel)

/** Publishes the message that `message` returns, if anyone listens. */
export function publish<Name extends keyof LifecycleChannels>(
  name: Name,
  message: () => LifecycleChannels[Name]
): void {
  const found = channel(name)
  if (found.hasSubscribers) found.publish(message())
}

/** The trace of one hook. */
export interface HookTrace {
  /** Runs the hook as a part of the trace. */
  run<Result>(hook: () => Result): Result
  /** The handler has returned a promise, which is not settled yet. */
  returned(): void
  ended(outcome: NonNullable<HookMessage['outcome']>, error: unknown): void
}

/**
 * Follows a hook, if anyone listens when it begins.
 *
 * Node.js has `tracePromise`, but it does not fit: a hook need not return a promise, and its time may be up before
 * the promise settles. The events, their order and their stores are the same as with `tracePromise`.
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
