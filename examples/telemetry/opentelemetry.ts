import type { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, context, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  channels,
  type HookMessage,
  type Lifecycle,
  type Phase,
  type Report,
  type ShutdownReason
} from 'fastify-lifecycle'

// Each shutdown as a trace of OpenTelemetry: one span for all of it, below it one for each phase,
// and below that one for each hook. What a client does inside a hook comes below the hook's span.
//
//   const contextManager = new AsyncLocalStorageContextManager()
//   new NodeSDK({ contextManager, … }).start()
//   traceLifecycle(contextManager['_asyncLocalStorage'])
//
// The storage is private, because OpenTelemetry has no public way to it yet:
// https://github.com/open-telemetry/opentelemetry-js/issues/6088
//
// The last spans end with the report, when no hook is left that could flush them; so the process
// must not exit by itself. With the option `exit: false`, and after `traceLifecycle`:
//
//   channels.report.subscribe(({ report: { reason, exitCode } }) => {
//     if (reason.type !== 'close') sdk.shutdown().finally(() => process.exit(exitCode))
//   })

const tracer = trace.getTracer('fastify-lifecycle')

/** Traces the shutdown of every app in this process. `storage` is where the active context is kept. */
export function traceLifecycle(storage: AsyncLocalStorage<Context>): void {
  const shutdowns = new WeakMap<Lifecycle, ShutdownTrace>()

  channels.phase.subscribe(({ fastify: { lifecycle }, phase, reason }) => {
    if (phase === 'lameDuck') shutdowns.set(lifecycle, new ShutdownTrace(reason as ShutdownReason))
    shutdowns.get(lifecycle)?.enter(phase)
  })

  channels.hook.start.bindStore(storage, (message) => {
    return shutdowns.get(message.fastify.lifecycle)?.startHook(message) ?? context.active()
  })
  const ended = (message: HookMessage) => {
    // An asynchronous hook has returned, and is not done.
    if (message.outcome === undefined) return
    shutdowns.get(message.fastify.lifecycle)?.endHook(message)
  }
  channels.hook.subscribe({ end: ended, asyncEnd: ended })

  channels.report.subscribe(({ fastify: { lifecycle }, report }) => {
    shutdowns.get(lifecycle)?.end(report)
    // After a second signal the walk may go on.
    shutdowns.delete(lifecycle)
  })
}

/** The spans of one app's shutdown. */
class ShutdownTrace {
  readonly #root: Span
  #phase: Span | undefined
  readonly #hooks = new Map<HookMessage, Span>()

  constructor(reason: ShutdownReason) {
    const attributes = {
      'lifecycle.reason': reason.type,
      ...('signal' in reason && { 'lifecycle.signal': reason.signal })
    }
    this.#root = tracer.startSpan('shutdown', { attributes }, ROOT_CONTEXT)
    if ('error' in reason) recordError(this.#root, reason.error)
  }

  enter(phase: Phase): void {
    this.#phase?.end()
    this.#phase =
      phase === 'closed' ? undefined : tracer.startSpan(phase, {}, trace.setSpan(ROOT_CONTEXT, this.#root))
  }

  /** The context that the hook's handler runs in. */
  startHook(message: HookMessage): Context {
    const attributes = { 'lifecycle.hook': message.name, 'lifecycle.phase': message.phase }
    const parent = trace.setSpan(context.active(), this.#phase as Span)
    const span = tracer.startSpan(message.name, { attributes }, parent)
    this.#hooks.set(message, span)
    return trace.setSpan(parent, span)
  }

  endHook(message: HookMessage): void {
    const span = this.#hooks.get(message)
    this.#hooks.delete(message)
    span?.setAttribute('lifecycle.outcome', message.outcome as string)
    if (message.outcome !== 'ok' && span !== undefined) recordError(span, message.error)
    span?.end()
  }

  end({ outcome, exitCode, requests }: Report): void {
    for (const span of this.#hooks.values()) {
      span.setAttribute('lifecycle.outcome', 'unfinished').setStatus({ code: SpanStatusCode.ERROR }).end()
    }
    this.#phase?.end()
    this.#root.setAttributes({
      'lifecycle.outcome': outcome,
      'lifecycle.exit_code': exitCode,
      'lifecycle.requests.completed': requests.completed,
      'lifecycle.requests.rejected': requests.rejected,
      'lifecycle.requests.cut': requests.cutCount
    })
    if (exitCode !== 0) this.#root.setStatus({ code: SpanStatusCode.ERROR, message: outcome })
    this.#root.end()
  }
}

function recordError(span: Span, error: unknown): void {
  const exception = error instanceof Error ? error : new Error(String(error))
  span.recordException(exception)
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message })
}
