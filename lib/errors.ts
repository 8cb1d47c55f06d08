import { type Coded, createError } from './coded-error.ts'

// One table of all errors. Each message says what was expected, what was given and what to do. A comment names the
// error, and after the colon the values of `%s` in its order.

/** A coded error that is a `TypeError` or a `RangeError`. */
function typed<Arguments extends [unknown?, unknown?, unknown?]>(
  code: string,
  message: string,
  base: typeof TypeError | typeof RangeError = TypeError
): Coded<Arguments> {
  return createError(code, message, 500, base)
}

/** An option that does not exist: the option, and what to write instead. */
export const FST_LIFECYCLE_OPTION_UNKNOWN: Coded<[string, string]> = typed(
  'FST_LIFECYCLE_OPTION_UNKNOWN',
  "Unknown option '%s'. %s"
)

/** An option of the wrong type or out of its range: the option, what was expected, what was given. */
export const FST_LIFECYCLE_OPTION_INVALID: Coded<[string, string, string]> = typed(
  'FST_LIFECYCLE_OPTION_INVALID',
  "Option '%s' must be %s, but it is %s."
)

/** Times that do not fit into a limit, such as the deadline: the times, the limit. */
export const FST_LIFECYCLE_BUDGET_IMPOSSIBLE: Coded<[string, string]> = typed(
  'FST_LIFECYCLE_BUDGET_IMPOSSIBLE',
  '%s, which is more than %s. Raise this limit, or lower the times that have to fit into it.',
  RangeError
)

/** Two probes on one path: the first probe, the second, the path. */
export const FST_LIFECYCLE_PROBE_DUPLICATE: Coded<[string, string, string]> = typed(
  'FST_LIFECYCLE_PROBE_DUPLICATE',
  "Options '%s' and '%s' are both '%s', but each probe needs its own path. Change one of them."
)

/** A check with the name of another check: the name. */
export const FST_LIFECYCLE_CHECK_DUPLICATE: Coded<[string]> = createError(
  'FST_LIFECYCLE_CHECK_DUPLICATE',
  "There is a check named '%s' already, but each check needs its own name. Rename one of them."
)

/** The failure of a check that returns `false`: the name of the check. */
export const FST_LIFECYCLE_CHECK_FALSE: Coded<[string]> = createError(
  'FST_LIFECYCLE_CHECK_FALSE',
  "The check '%s' returned false."
)

/** The failure of a check that takes too long: the name of the check, its limit in ms. */
export const FST_LIFECYCLE_CHECK_TIMEOUT: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_CHECK_TIMEOUT',
  "The check '%s' did not finish within %s ms. Raise its `timeout`, or make it end when its `signal` aborts."
)

/** A port for the probes on which the app cannot listen: the address, and the reason. */
export const FST_LIFECYCLE_PROBE_PORT: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_PROBE_PORT',
  'The probes cannot listen on %s: %s. Choose another `health.port` or `health.host`.'
)

/** A probe on a path that is a route of the application: the path, the option. */
export const FST_LIFECYCLE_PROBE_CLASH: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_PROBE_CLASH',
  "The route '%s' is both a route of the application and a probe. Give the probe another path with the option '%s', or leave all probes out with `health: false`."
)

/** The plugin was registered twice on one server. */
export const FST_LIFECYCLE_ALREADY_REGISTERED: Coded<[]> = createError(
  'FST_LIFECYCLE_ALREADY_REGISTERED',
  'fastify-lifecycle is registered on this server already. Register it once, with all its options, and use `app.onShutdown` everywhere else.'
)

/** The plugin was registered for an app that has the same server as another app. */
export const FST_LIFECYCLE_SERVER_SHARED: Coded<[]> = createError(
  'FST_LIFECYCLE_SERVER_SHARED',
  'Another app with fastify-lifecycle has the same server and is not closed yet. Each app would close the server of the other. Give each app its own server; @fastify/restartable cannot be used with this plugin.'
)

/** Invalid arguments for a hook: what was expected, what was given. */
export const FST_LIFECYCLE_HOOK_INVALID: Coded<[string, string]> = typed(
  'FST_LIFECYCLE_HOOK_INVALID',
  'A shutdown hook must have %s, but got %s.'
)

/** Two hooks with the same name: the name. */
export const FST_LIFECYCLE_HOOK_DUPLICATE: Coded<[string]> = createError(
  'FST_LIFECYCLE_HOOK_DUPLICATE',
  "There is a shutdown hook named '%s' already, but names must be unique, because the report and other hooks refer to them. Rename one of them."
)

/** A hook that depends on a hook that does not exist: its name, the name in `dependsOn`, what to write. */
export const FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN: Coded<[string, string, string]> = createError(
  'FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN',
  "The shutdown hook '%s' depends on '%s', but there is no hook of that name. %s"
)

/** Hooks that depend on each other: their names, where the last name is the first again. */
export const FST_LIFECYCLE_HOOK_CYCLE: Coded<[string]> = createError(
  'FST_LIFECYCLE_HOOK_CYCLE',
  'These shutdown hooks depend on each other, so none of them can stop first: %s. Take one of the names out of `dependsOn`.'
)

/** A hook that depends on a hook of an earlier phase: the hook and its phase, the other hook and its phase. */
export const FST_LIFECYCLE_HOOK_ORDER: Coded<[string, string, string]> = createError(
  'FST_LIFECYCLE_HOOK_ORDER',
  'The shutdown hook %s cannot stop before %s, which it depends on, because that hook runs in the earlier phase %s. Give both hooks the same phase, or give the hook that stops first the earlier phase.'
)

/** A hook that was registered after the shutdown had begun: the hook's name. */
export const FST_LIFECYCLE_HOOK_TOO_LATE: Coded<[string]> = createError(
  'FST_LIFECYCLE_HOOK_TOO_LATE',
  "The shutdown hook '%s' was registered after the shutdown had begun and would never run. Register hooks while the application boots or serves."
)

/** Work that cannot be tracked: what was expected, what was given. */
export const FST_LIFECYCLE_TRACK_INVALID: Coded<[string, string]> = typed(
  'FST_LIFECYCLE_TRACK_INVALID',
  '`lifecycle.track` must be given %s, but got %s.'
)

/** Work that begins after the drain: the name of the work. */
export const FST_LIFECYCLE_TRACK_TOO_LATE: Coded<[string]> = createError(
  'FST_LIFECYCLE_TRACK_TOO_LATE',
  "The work '%s' comes too late: the application is shutting down, and its drain is over. Stop fetching work in a hook of the phase `lameDuck`, or when `lifecycle.signal` aborts.",
  503
)

/** The reason with which the `signal` of tracked work aborts at `drainTimeout`: the name of the work, the time in ms. */
export const FST_LIFECYCLE_TRACK_TIMEOUT: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_TRACK_TIMEOUT',
  "The work '%s' was not done %s ms after the drain began. Raise `drainTimeout`, or make it end when its `signal` aborts."
)

/** The answer to a request that arrives during the drain; nothing throws this error. */
export const FST_LIFECYCLE_DRAINING: Coded<[]> = createError(
  'FST_LIFECYCLE_DRAINING',
  'This server is shutting down and takes no new requests. Retry on another connection.',
  503
)

/** The error with which `app.close()` rejects if shutdown hooks failed: which hooks, and how. */
export const FST_LIFECYCLE_HOOKS_FAILED: Coded<[string]> = createError(
  'FST_LIFECYCLE_HOOKS_FAILED',
  'The application is closed, but not every shutdown hook succeeded: %s. `lifecycle.report` has the details.'
)

/** The error in the report of a hook that took too long: the name of the hook, its limit in ms. */
export const FST_LIFECYCLE_HOOK_TIMEOUT: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_HOOK_TIMEOUT',
  "The shutdown hook '%s' did not finish within %s ms. Raise its `timeout`, or make it end when its `signal` aborts."
)

/** The error with which `listen` rejects after a shutdown has begun: the reason of the shutdown. */
export const FST_LIFECYCLE_LISTEN_REFUSED: Coded<[string]> = createError(
  'FST_LIFECYCLE_LISTEN_REFUSED',
  'The application cannot listen, because it is shutting down: %s.'
)

/** A call of `supervise` in a worker. */
export const FST_LIFECYCLE_CLUSTER_NOT_PRIMARY: Coded<[]> = createError(
  'FST_LIFECYCLE_CLUSTER_NOT_PRIMARY',
  '`supervise` must be called in the primary of a cluster, but this process is a worker. Call it only where `cluster.isPrimary`.'
)

/** A new worker that could not replace an old worker: its process id, and what happened to it. */
export const FST_LIFECYCLE_CLUSTER_NOT_READY: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_CLUSTER_NOT_READY',
  'The new worker %s %s, so the reload stops here, and the remaining old workers stay. Each worker must register `fastify-lifecycle/cluster`.'
)

/** `registerLifecycle` of `fastify-lifecycle/nestjs` without a Nest application: what was given. */
export const FST_LIFECYCLE_NESTJS_APP: Coded<[string]> = typed(
  'FST_LIFECYCLE_NESTJS_APP',
  '`registerLifecycle` must be given a Nest application on Fastify, but got %s. Make it with `NestFactory.create(AppModule, new FastifyAdapter())`.'
)

/** Several sockets that match a call of `systemdSocket`: the name in the call, and the names that exist. */
export const FST_LIFECYCLE_SYSTEMD_SOCKET_AMBIGUOUS: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_SYSTEMD_SOCKET_AMBIGUOUS',
  '`systemdSocket` was asked for %s of several sockets, but one app listens on one socket: systemd passed %s. Set another `FileDescriptorName` in each `.socket` unit, and ask for one of these names.'
)

/** A socket that systemd did not pass: the name that was asked for, and the names that exist. */
export const FST_LIFECYCLE_SYSTEMD_SOCKET_UNKNOWN: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_SYSTEMD_SOCKET_UNKNOWN',
  "`systemdSocket` was asked for a socket named '%s', but systemd passed %s. Set `FileDescriptorName` in the `.socket` unit to that name."
)

/** A descriptor that systemd passed, and on which an app cannot listen: the descriptor, and the reason. */
export const FST_LIFECYCLE_SYSTEMD_DESCRIPTOR: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_SYSTEMD_DESCRIPTOR',
  'An app cannot listen on descriptor %s, which systemd passed: %s. Use `ListenStream` with a port in the `.socket` unit, and start node itself with `ExecStart`.'
)
