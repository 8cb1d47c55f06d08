import type { CheckFunction, CheckOptions } from './health/check.ts'
import type { HealthOptions, HealthSettings } from './health/options.ts'
import type { HookOptions } from './hooks.ts'

/** A signal that can start a shutdown. */
export type ShutdownSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGQUIT' | 'SIGUSR2' | 'SIGBREAK'

/** The options of `app.register(lifecycle, options)`. All are optional; times are in milliseconds. */
export interface LifecycleOptions {
  /**
   * The time from the first signal until the process is gone, whatever happens.
   *
   * It must be less than the time after which the platform kills the process.
   *
   * @default 9000, because `docker stop` kills after 10 s; 25000 where the environment variable
   * `KUBERNETES_SERVICE_HOST` is set, because Kubernetes kills after 30 s
   * @example
   * ```ts
   * await app.register(lifecycle, { deadline: 25_000 })
   * ```
   * @see https://docs.docker.com/reference/cli/docker/container/stop/
   * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
   */
  deadline?: number

  /**
   * How long the app goes on serving after the signal with its readiness probe failing, so that
   * load balancers look away before a request is rejected.
   *
   * As `{ max, min, probes }` the window ends as soon as the readiness probe has been answered
   * "not ready" `probes` times (default 1), but not before `min` (default 0) and not after `max`.
   * A bare `app.close()` and a crash do not wait for it; its hooks still run.
   *
   * In the third quarter of the window, answers on kept-alive connections say `Connection: close`
   * with rising probability, and in the last quarter all of them do. In a window of 4800 ms or more a
   * connection that is silent through the last quarter is ended, so that no client that was told
   * nothing meets the drain.
   *
   * With `probes: 0` it is never left early.
   *
   * @default 0; where `KUBERNETES_SERVICE_HOST` is set 5000, or what a shorter `deadline` allows
   * @example
   * ```ts
   * await app.register(lifecycle, { lameDuck: 5_000 })
   * await app.register(lifecycle, { lameDuck: { max: 10_000, min: 500, probes: 2 } })
   * ```
   */
  lameDuck?: number | { max: number; min?: number; probes?: number }

  /**
   * How long requests in flight may still take once the drain has begun. Then they are cut, so
   * that the hooks get the rest of the budget.
   *
   * @default 80 % of `deadline - lameDuck`
   * @example
   * ```ts
   * await app.register(lifecycle, { deadline: 25_000, drainTimeout: 10_000 })
   * ```
   */
  drainTimeout?: number

  /**
   * How long one shutdown hook may take that sets no `timeout` of its own. It is always clamped
   * to what is left of the budget.
   *
   * @default 5000
   * @example
   * ```ts
   * await app.register(lifecycle, { hookTimeout: 2_000 })
   * ```
   */
  hookTimeout?: number

  /**
   * The signals that start a shutdown. With `false`, no process listener is installed at all, unless
   * `crashes` is `true`.
   *
   * @default ['SIGTERM', 'SIGINT']
   * @example
   * ```ts
   * await app.register(lifecycle, { signals: ['SIGTERM', 'SIGINT', 'SIGHUP'] })
   * await app.register(lifecycle, { signals: false }) // another handler of yours calls app.close()
   * ```
   */
  signals?: readonly ShutdownSignal[] | false

  /**
   * Whether an `uncaughtException` or an `unhandledRejection` drains the app too, and exits
   * with code 1. With `false`, those events are left alone.
   *
   * @default true; false where `signals` is `false`
   * @example
   * ```ts
   * await app.register(lifecycle, { crashes: false })
   * ```
   */
  crashes?: boolean

  /**
   * The seconds that `Retry-After` names in a 503: a number, or a range of which each response
   * gets a random whole second, so that clients do not all come back at once. `false`: no header.
   *
   * @default [1, 5]
   * @example
   * ```ts
   * await app.register(lifecycle, { retryAfter: 10 })
   * ```
   * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
   */
  retryAfter?: number | readonly [min: number, max: number] | false

  /**
   * The probes. Over the network they are answered before any hook of the app runs, so that
   * authentication, rate limits and load shedding never stand before them. `false`: no probes.
   *
   * @default `{ live: '/livez', ready: '/readyz', startup: false, details: false, logLevel: 'silent' }`
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { live: '/health/live', ready: '/health/ready' } })
   * await app.register(lifecycle, { health: { port: 9000, details: true } })
   * ```
   */
  health?: HealthOptions | false

  /**
   * Checks of what the app needs, by name: a function, or an object with conditions. The readiness
   * probe fails with a critical one.
   *
   * @default `{}`
   * @example
   * ```ts
   * await app.register(lifecycle, {
   *   checks: {
   *     db: () => app.pg.query('select 1'),
   *     cache: { check: ({ signal }) => cache.ping({ signal }), timeout: 200, critical: false }
   *   }
   * })
   * ```
   */
  checks?: Readonly<Record<string, CheckFunction | CheckOptions>>

  /**
   * What WebSocket clients are told in the close frame when the drain begins: a code and a reason
   * of at most 123 bytes. It works on the wire, whatever library owns the connection.
   *
   * @default `{ code: 1012, reason: 'service restart' }`
   * @example
   * ```ts
   * await app.register(lifecycle, { websocket: { code: 1001, reason: 'going away' } })
   * ```
   * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4
   * @see https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
   */
  websocket?: WebSocketOptions

  /**
   * Shutdown hooks, declared: the same objects that `app.onShutdown` takes.
   *
   * @default []
   * @example
   * ```ts
   * await app.register(lifecycle, {
   *   hooks: [{ name: 'metrics', handler: () => metrics.flush() }]
   * })
   * ```
   */
  hooks?: readonly HookOptions[]

  /**
   * The watchdog: a thread outside the event loop, which kills the process with SIGKILL at
   * `deadline`, whatever the event loop is doing. First it writes one line of JSON to stderr: the
   * phase, the hooks and requests that are outstanding, for how long the loop has been blocked, and
   * the JavaScript stack that blocks it. The thread is made when a shutdown begins that ends with
   * the process; until then there is none, and none for a bare `app.close()` or `exit: false`.
   *
   * - `margin`: how many ms before `deadline` the main thread gives up by itself, so that its own
   *   report still goes out. At most the `deadline`.
   * - `stall`: kills the process, at any time, when its event loop has not turned for so many ms,
   *   also where no signal could reach JavaScript any more. For this the thread is there from the
   *   registration until the last app has closed. Blocking work at boot and a debugger's breakpoint
   *   count too, so allow several seconds, and leave it out while debugging.
   *
   * While a process is stopped (SIGSTOP, a frozen container), the `deadline` goes on, since whoever
   * sent the signal waits on the same clock; if it has passed when the process continues, the main
   * thread still gets its `margin`, once. A stop never counts as a stall.
   *
   * Where no thread can be had, as under Node.js's permission model, there is one warning, and the
   * deadline of the main thread stands.
   *
   * @default `true`, which is `{ margin: 250 }`, or half of a `deadline` that is shorter than 500 ms; no `stall`
   * @example
   * ```ts
   * await app.register(lifecycle, { hardKill: { margin: 500, stall: 10_000 } })
   * await app.register(lifecycle, { hardKill: false }) // the event loop alone keeps the deadline
   * ```
   * @see https://nodejs.org/en/learn/asynchronous-work/dont-block-the-event-loop
   */
  hardKill?: boolean | HardKillOptions

  /**
   * Whether the process is ended after a shutdown that a signal, a crash or
   * `lifecycle.shutdown()` began. A bare `app.close()` never ends it.
   *
   * @default true
   * @example
   * ```ts
   * await app.register(lifecycle, { exit: false })
   * const report = await app.lifecycle.shutdown('the work is done')
   * process.exitCode = report.exitCode
   * ```
   */
  exit?: boolean
}

/** How WebSocket clients are told to go. */
export interface WebSocketOptions {
  /**
   * The close code: 1000 to 1014 as far as they may be sent, or 3000 to 4999.
   *
   * @default 1012
   * @example
   * ```ts
   * await app.register(lifecycle, { websocket: { code: 1001 } })
   * ```
   */
  code?: number
  /**
   * The reason, at most 123 bytes.
   *
   * @default 'service restart'
   * @example
   * ```ts
   * await app.register(lifecycle, { websocket: { reason: 'come back in a second' } })
   * ```
   */
  reason?: string
}

/** When the watchdog kills the process. */
export interface HardKillOptions {
  /**
   * The ms before `deadline` in which the main thread may still end the process itself, with its
   * report. At most the `deadline`.
   *
   * @default 250, or half of a `deadline` that is shorter than 500 ms
   * @example
   * ```ts
   * await app.register(lifecycle, { hardKill: { margin: 500 } })
   * ```
   */
  margin?: number
  /**
   * The ms after which an event loop that does not turn ends the process, also where no shutdown has
   * begun.
   *
   * @default none: never
   * @example
   * ```ts
   * await app.register(lifecycle, { hardKill: { stall: 10_000 } })
   * ```
   */
  stall?: number
}

/** What a route can say in `config.lifecycle`. */
export interface RouteLifecycle {
  /**
   * What a request to the route is answered that arrives during the drain: a 503, or what the
   * handler says. The drain does not wait for requests that are served so.
   *
   * @default 'reject'
   * @example
   * ```ts
   * app.get('/metrics', { config: { lifecycle: { whileDraining: 'serve' } } }, handler)
   * ```
   */
  whileDraining?: 'serve' | 'reject'

  /**
   * Whether the route's responses go on until someone ends them: server-sent events, a tail, a
   * long poll. They are ended politely when the drain begins, instead of being waited for; one
   * that has not begun by then is answered 503.
   *
   * @default false
   * @example
   * ```ts
   * app.get('/events', { config: { lifecycle: { longLived: true } } }, handler)
   * ```
   */
  longLived?: boolean
}

/** The options with every default filled in. */
export interface Settings {
  readonly deadline: number
  readonly lameDuck: { readonly max: number; readonly min: number; readonly probes: number }
  readonly drainTimeout: number
  readonly hookTimeout: number
  readonly signals: readonly ShutdownSignal[]
  readonly crashes: boolean
  readonly retryAfter: readonly [min: number, max: number] | false
  readonly health: HealthSettings
  readonly checks: Readonly<Record<string, CheckFunction | CheckOptions>>
  readonly websocket: Required<Readonly<WebSocketOptions>>
  readonly hooks: readonly HookOptions[]
  readonly hardKill: { readonly margin: number; readonly stall: number | undefined } | false
  readonly exit: boolean
}
