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
  '%s, which is more than %s. Raise the deadline, or lower the others, so that the hooks have time left.',
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

/** A probe on a path that is a route of the application: the path, the option. */
export const FST_LIFECYCLE_PROBE_CLASH: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_PROBE_CLASH',
  "The route '%s' is both a route of the application and a probe. Give the probe another path with the option '%s', or leave all probes out with `health: false`.",
  atBoot
)

/** Registered on an instance that is not the root. */
export const FST_LIFECYCLE_NOT_ROOT: Coded<[]> = createError(
  'FST_LIFECYCLE_NOT_ROOT',
  'fastify-lifecycle must be registered on the root instance, because a process has one life, but it was registered inside an encapsulated plugin. Move the call to `register` to where `Fastify()` is called, or wrap that plugin in fastify-plugin.',
  atBoot
)

/** Registered twice on one instance. */
export const FST_LIFECYCLE_ALREADY_REGISTERED: Coded<[]> = createError(
  'FST_LIFECYCLE_ALREADY_REGISTERED',
  'fastify-lifecycle is registered on this instance already. Register it once, with all its options, and use `app.onShutdown` everywhere else.',
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

/** A hook registered when the shutdown had begun: the hook's name. */
export const FST_LIFECYCLE_HOOK_TOO_LATE: Coded<[string]> = createError(
  'FST_LIFECYCLE_HOOK_TOO_LATE',
  "The shutdown hook '%s' was registered after the shutdown had begun and would never run. Register hooks while the application boots or serves.",
  atBoot
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
