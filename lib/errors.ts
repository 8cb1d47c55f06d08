import createError, { type FastifyErrorConstructor } from '@fastify/error'

// One table of everything that can go wrong. Each message says what was expected, what came
// and what to do.

type Coded<Arguments extends [unknown?, unknown?, unknown?]> = FastifyErrorConstructor<
  { code: string; statusCode?: number },
  Arguments
>

const atBoot = 500

/** An option that does not exist: the option, and what to write instead. */
export const FST_LIFECYCLE_OPTION_UNKNOWN: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_OPTION_UNKNOWN',
  "Unknown option '%s'. %s",
  atBoot,
  TypeError
)

/** An option of the wrong type or out of its range: the option, what was expected, what came. */
export const FST_LIFECYCLE_OPTION_INVALID: Coded<[string, string, string]> = createError(
  'FST_LIFECYCLE_OPTION_INVALID',
  "Option '%s' must be %s, but it is %s.",
  atBoot,
  TypeError
)

/** Times that do not fit into the deadline: the sum, the deadline. */
export const FST_LIFECYCLE_BUDGET_IMPOSSIBLE: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_BUDGET_IMPOSSIBLE',
  '%s, which is more than %s. Raise that, or lower what has to fit into it.',
  atBoot,
  RangeError
)

/** Two probes on one path: the first probe, the second, the path. */
export const FST_LIFECYCLE_PROBE_DUPLICATE: Coded<[string, string, string]> = createError(
  'FST_LIFECYCLE_PROBE_DUPLICATE',
  "Options '%s' and '%s' are both '%s', but each probe needs a path of its own. Change one of them.",
  atBoot,
  TypeError
)

/** A check whose name is taken: the name. */
export const FST_LIFECYCLE_CHECK_DUPLICATE: Coded<[string]> = createError(
  'FST_LIFECYCLE_CHECK_DUPLICATE',
  "There is a check named '%s' already, but each needs a name of its own. Name one of them differently.",
  atBoot
)

/** What a check that returns `false` fails with: its name. */
export const FST_LIFECYCLE_CHECK_FALSE: Coded<[string]> = createError(
  'FST_LIFECYCLE_CHECK_FALSE',
  "The check '%s' returned false.",
  500
)

/** What a check that takes too long fails with: its name, its limit in ms. */
export const FST_LIFECYCLE_CHECK_TIMEOUT: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_CHECK_TIMEOUT',
  "The check '%s' did not finish within %s ms. Raise its `timeout`, or make it end when its `signal` aborts.",
  500
)

/** A port of the probes' own that cannot be listened on: where, and why. */
export const FST_LIFECYCLE_PROBE_PORT: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_PROBE_PORT',
  'The probes cannot listen on %s: %s. Choose another `health.port` or `health.host`.',
  atBoot
)

/** A probe on a path that is a route of the application: the path, the option. */
export const FST_LIFECYCLE_PROBE_CLASH: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_PROBE_CLASH',
  "The route '%s' is both a route of the application and a probe. Give the probe another path with the option '%s', or leave all probes out with `health: false`.",
  atBoot
)

/** Registered twice on one server. */
export const FST_LIFECYCLE_ALREADY_REGISTERED: Coded<[]> = createError(
  'FST_LIFECYCLE_ALREADY_REGISTERED',
  'fastify-lifecycle is registered on this server already. Register it once, with all its options, and use `app.onShutdown` everywhere else.',
  atBoot
)

/** A hook that cannot be one: what was expected, what came. */
export const FST_LIFECYCLE_HOOK_INVALID: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_HOOK_INVALID',
  'A shutdown hook must have %s, but got %s.',
  atBoot,
  TypeError
)

/** Two hooks of one name: the name. */
export const FST_LIFECYCLE_HOOK_DUPLICATE: Coded<[string]> = createError(
  'FST_LIFECYCLE_HOOK_DUPLICATE',
  "There is a shutdown hook named '%s' already, but names must be unique, because the report and other hooks refer to them. Name one of them differently.",
  atBoot
)

/** A hook that depends on one that does not exist: its name, the name it gives, and what to write instead. */
export const FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN: Coded<[string, string, string]> = createError(
  'FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN',
  "The shutdown hook '%s' depends on '%s', but there is no hook of that name. %s",
  atBoot
)

/** Hooks that depend on each other: the names, from one of them back to itself. */
export const FST_LIFECYCLE_HOOK_CYCLE: Coded<[string]> = createError(
  'FST_LIFECYCLE_HOOK_CYCLE',
  'These shutdown hooks depend on each other, so that none could stop first: %s. Take one of the names out of `dependsOn`.',
  atBoot
)

/** A hook that depends on one of an earlier phase: the hook and its phase, the other, and its phase. */
export const FST_LIFECYCLE_HOOK_ORDER: Coded<[string, string, string]> = createError(
  'FST_LIFECYCLE_HOOK_ORDER',
  'The shutdown hook %s cannot stop before %s, which it depends on, because that one runs in the earlier phase %s. Give both the same phase, or the one that stops first the earlier.',
  atBoot
)

/** A hook registered when the shutdown had begun: the hook's name. */
export const FST_LIFECYCLE_HOOK_TOO_LATE: Coded<[string]> = createError(
  'FST_LIFECYCLE_HOOK_TOO_LATE',
  "The shutdown hook '%s' was registered after the shutdown had begun and would never run. Register hooks while the application boots or serves.",
  atBoot
)

/** Work that cannot be tracked: what was expected, what came. */
export const FST_LIFECYCLE_TRACK_INVALID: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_TRACK_INVALID',
  '`lifecycle.track` must be given %s, but got %s.',
  500,
  TypeError
)

/** Work that comes when the drain waits for no request any more: its name. */
export const FST_LIFECYCLE_TRACK_TOO_LATE: Coded<[string]> = createError(
  'FST_LIFECYCLE_TRACK_TOO_LATE',
  "The work '%s' comes too late: the application is shutting down, and no request is in flight that it could belong to. Stop starting work when `lifecycle.signal` aborts.",
  503
)

/** What the signal of tracked work aborts with when its time is up: its name, the time in ms. */
export const FST_LIFECYCLE_TRACK_TIMEOUT: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_TRACK_TIMEOUT',
  "The work '%s' was not done %s ms after the drain began. Raise `drainTimeout`, or make it end when its `signal` aborts.",
  500
)

/** What a request that arrives during the drain is answered. */
export const FST_LIFECYCLE_DRAINING: Coded<[]> = createError(
  'FST_LIFECYCLE_DRAINING',
  'This server is shutting down and takes no new requests. Retry on another connection.',
  503
)

/** What `app.close()` rejects with when shutdown hooks failed: which, and how. */
export const FST_LIFECYCLE_HOOKS_FAILED: Coded<[string]> = createError(
  'FST_LIFECYCLE_HOOKS_FAILED',
  'The application is closed, but not every shutdown hook succeeded: %s. `lifecycle.report` has the details.',
  500
)

/** What a hook that took too long is reported with: its name, its limit in ms. */
export const FST_LIFECYCLE_HOOK_TIMEOUT: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_HOOK_TIMEOUT',
  "The shutdown hook '%s' did not finish within %s ms and was left behind. Raise its `timeout`, or make it end when its `signal` aborts.",
  500
)

/** `supervise` in a worker. */
export const FST_LIFECYCLE_CLUSTER_NOT_PRIMARY: Coded<[]> = createError(
  'FST_LIFECYCLE_CLUSTER_NOT_PRIMARY',
  '`supervise` must be called in the primary of a cluster, but this process is a worker. Call it only where `cluster.isPrimary`.',
  atBoot
)

/** A worker that should replace another, and cannot: its process id, and what became of it. */
export const FST_LIFECYCLE_CLUSTER_NOT_READY: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_CLUSTER_NOT_READY',
  'The new worker %s %s, so the reload is given up, and the workers that are left to replace stay. Each worker must register `fastify-lifecycle/cluster`.',
  500
)
