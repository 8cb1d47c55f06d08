import type { WebSocketOptions } from '../connections/farewell.ts'
import type { CheckFunction, CheckOptions } from '../health/check.ts'
import type { HealthOptions } from '../health/options.ts'
import type { HookOptions } from '../hooks/hook.ts'
import type { ShutdownSignal } from '../process/shutdown-signals.ts'
import type { RejectionBody } from '../requests/rejection.ts'
import type { LogOptions } from '../telemetry/log-options.ts'
import type { HardKillOptions } from '../watchdog/hard-kill.ts'

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
  deadline?: number | undefined

  /**
   * How long the app still serves after the signal while its readiness probe fails. Load balancers stop
   * routing to it before a request is rejected.
   *
   * With `{ max, min, probes }`, the lame duck can end early: when each prober has got "not ready" `probes` times
   * (default 1). It lasts at least `min` (default 0) and at most `max`. A prober is a client that asked the readiness
   * probe regularly before the signal. If there is no prober, or with `probes: 0`, the lame duck lasts for `max`.
   *
   * `app.close()` and a crash skip this time, but the `lameDuck` hooks still run.
   *
   * In the third quarter of this time, answers on kept-alive connections say `Connection: close` with rising
   * probability. In the last quarter all answers say it. An idle connection gets no response, so it cannot receive
   * `Connection: close`. If the lame duck lasts 4800 ms or more, it ends connections that are idle through its last
   * quarter.
   *
   * @default 0; where `KUBERNETES_SERVICE_HOST` is set 5000, or what a shorter `deadline` allows
   * @example
   * ```ts
   * await app.register(lifecycle, { lameDuck: 5_000 })
   * await app.register(lifecycle, { lameDuck: { max: 10_000, min: 500, probes: 2 } })
   * ```
   */
  lameDuck?: number | { max: number; min?: number | undefined; probes?: number | undefined } | undefined

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
  drainTimeout?: number | undefined

  /**
   * How long a shutdown hook may take if it sets no `timeout` of its own. A hook never gets more time than is left
   * of the budget.
   *
   * @default 5000
   * @example
   * ```ts
   * await app.register(lifecycle, { hookTimeout: 2_000 })
   * ```
   */
  hookTimeout?: number | undefined

  /**
   * The signals that start a shutdown. With `false`, no process listener is installed at all, unless
   * `crashes` is `true`.
   *
   * A repeated signal changes nothing, unless it is SIGINT. A second Ctrl-C ends the lame duck. After the
   * lame duck, a second Ctrl-C ends the process, with code 1.
   *
   * @default ['SIGTERM', 'SIGINT']
   * @example
   * ```ts
   * await app.register(lifecycle, { signals: ['SIGTERM', 'SIGINT', 'SIGHUP'] })
   * await app.register(lifecycle, { signals: false }) // another handler of yours calls app.close()
   * ```
   */
  signals?: readonly ShutdownSignal[] | false | undefined

  /**
   * Whether an `uncaughtException` or an `unhandledRejection` starts a shutdown, too. The exit code is then 1. With
   * `false`, the plugin does not listen to these events.
   *
   * @default true; false where `signals` is `false`
   * @example
   * ```ts
   * await app.register(lifecycle, { crashes: false })
   * ```
   */
  crashes?: boolean | undefined

  /**
   * The seconds in the header `Retry-After` of a 503: a number or a range. With a range, each response gets a random
   * whole number from it, so that clients do not all retry at the same time. With `false`, there is no such header.
   *
   * @default [1, 5]
   * @example
   * ```ts
   * await app.register(lifecycle, { retryAfter: 10 })
   * ```
   * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
   */
  retryAfter?: number | readonly [min: number, max: number] | false | undefined

  /**
   * The body of a 503 in the drain, for apps with an error format of their own. The function gets the
   * request, and returns a string or an object, which is sent as JSON. Neither error handlers nor `onError`
   * hooks see the 503, because it is an answer and not an error.
   *
   * @default Fastify's error shape, with the code `FST_LIFECYCLE_DRAINING`
   * @example
   * ```ts
   * await app.register(lifecycle, { rejection: ({ id }) => ({ error: { code: 'restarting', requestId: id } }) })
   * ```
   */
  rejection?: RejectionBody | undefined

  /**
   * The probes. The plugin answers them before any hook of the app runs, so authentication, rate limits and load
   * shedding do not affect them. With `app.inject`, hooks run first. With `false`, there are no probes.
   *
   * @default `{ live: '/livez', ready: '/readyz', startup: false, details: false, logLevel: 'silent' }`
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { live: '/health/live', ready: '/health/ready' } })
   * await app.register(lifecycle, { health: { port: 9000, details: true } })
   * ```
   */
  health?: HealthOptions | false | undefined

  /**
   * Checks of the services that the app needs, by name. A check is a function, or an object with conditions. If a
   * critical check fails, the readiness probe fails.
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
  checks?: Readonly<Record<string, CheckFunction | CheckOptions>> | undefined

  /**
   * The close frame that WebSocket clients receive when the drain begins: a code and a reason of at most 123
   * bytes. It works with every WebSocket library.
   *
   * @default `{ code: 1012, reason: 'service restart' }`
   * @example
   * ```ts
   * await app.register(lifecycle, { websocket: { code: 1001, reason: 'going away' } })
   * ```
   * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4
   * @see https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
   */
  websocket?: WebSocketOptions | undefined

  /**
   * Shutdown hooks, as a list. Each item is an object that `app.onShutdown` also takes.
   *
   * @default []
   * @example
   * ```ts
   * await app.register(lifecycle, {
   *   hooks: [{ name: 'metrics', handler: () => metrics.flush() }]
   * })
   * ```
   */
  hooks?: readonly HookOptions[] | undefined

  /**
   * The watchdog: a thread outside the event loop, which kills the process with SIGKILL at `deadline`, even
   * if the event loop is blocked. First it writes one line of JSON to stderr. The line has the phase, the
   * outstanding hooks and requests, how long the loop has been blocked, and the stack that blocks it. The
   * thread starts when a shutdown begins, but only if the shutdown ends the process. `app.close()` and
   * `exit: false` start no thread.
   *
   * - `margin`: how many ms before `deadline` the main thread ends the process by itself, so that its own report is
   *   still written. At most the `deadline`.
   * - `stall`: kills the process at any time when its event loop has been blocked for this many ms. The thread then
   *   lives from the registration until the last app has closed. Blocking work at boot and a breakpoint in a debugger
   *   count, too. So allow several seconds, and do not set `stall` while you debug.
   *
   * While a process is stopped (SIGSTOP, a frozen container), the `deadline` goes on, because the platform's
   * clock goes on, too. If the `deadline` has passed when the process continues, the main thread still gets
   * its `margin`, once. A stop never counts as a stall.
   *
   * If no thread can be started, for example under Node.js's permission model, there is one warning. Then only the
   * main thread ends the process at the deadline.
   *
   * @default `true`, which is `{ margin: 250 }`, or half of a `deadline` that is shorter than 500 ms; no `stall`
   * @example
   * ```ts
   * await app.register(lifecycle, { hardKill: { margin: 500, stall: 10_000 } })
   * await app.register(lifecycle, { hardKill: false }) // nothing ends a blocked process
   * ```
   * @see https://nodejs.org/en/learn/asynchronous-work/dont-block-the-event-loop
   */
  hardKill?: boolean | HardKillOptions | undefined

  /**
   * Whether a shutdown ends the process if a signal, a crash or `lifecycle.shutdown()` began it.
   * `app.close()` never ends the process.
   *
   * @default true
   * @example
   * ```ts
   * await app.register(lifecycle, { exit: false })
   * const report = await app.lifecycle.shutdown('the work is done')
   * process.exitCode = report.exitCode
   * ```
   */
  exit?: boolean | undefined

  /**
   * What a shutdown writes to the log. `level` is the level of the lines about phases and hooks. `report` says how
   * much of the report is in the last line. Errors and warnings always keep their own level.
   *
   * @default `{ level: 'info', report: 'auto' }`
   * @example
   * ```ts
   * await app.register(lifecycle, { log: { level: 'debug', report: 'full' } })
   * ```
   */
  log?: LogOptions | undefined

  /**
   * A file that gets one plain line at the end: how the shutdown ended and why, as in the last line of the
   * log. The watchdog writes there too, before it kills. `kubectl describe pod` shows `/dev/termination-log`
   * as the message of a container that has ended. `app.close()` writes nothing.
   *
   * @default '/dev/termination-log' where `KUBERNETES_SERVICE_HOST` is set and that file can be written; otherwise false
   * @example
   * ```ts
   * await app.register(lifecycle, { terminationLog: '/var/run/orders/last-words' })
   * await app.register(lifecycle, { terminationLog: false })
   * ```
   * @see https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
   */
  terminationLog?: string | false | undefined

  /**
   * Set this if something else takes new connections as soon as the app accepts none. This can be the other workers
   * of a cluster, a socket that systemd holds, or a balancer that retries refused connections on another server.
   *
   * The app then stops accepting connections when the lame duck is over. Without `lameDuck`, it stops at the signal. Requests that
   * still come on open connections are served, and each answer says `Connection: close`. The drain ends when nothing
   * is in flight. Before that, each connection that was used lately gets up to a second for one more request.
   *
   * @default on in a worker of node:cluster, in PM2's cluster mode, and on a socket that was passed to the
   * app (`listen({ fd })`, `systemdSocket()`); otherwise off
   * @example
   * ```ts
   * await app.register(lifecycle, { handOver: true })
   * ```
   * @see https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
   */
  handOver?: boolean | undefined
}
