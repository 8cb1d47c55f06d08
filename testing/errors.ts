import { type Coded, createError } from '../lib/coded-error.ts'

// Mistakes that a test of a shutdown itself can make.

/** A value that cannot be put into a fake process. Its argument: that value, described. */
export const FST_LIFECYCLE_TEST_APP: Coded<[string]> = createError(
  'FST_LIFECYCLE_TEST_APP',
  '`fakeProcess` must be given an app on which fastify-lifecycle is registered, or an array of such apps, but got %s. Await `app.register(lifecycle)` or `app.ready()` before.',
  500,
  TypeError
)

/** A call that came after a phase had begun. Its arguments: the call, the phase. */
export const FST_LIFECYCLE_TEST_TOO_LATE: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_TEST_TOO_LATE',
  "%s comes too late: the app is in the phase '%s' already. Do it before the shutdown begins.",
  500
)

/** A signal or a crash that no app listens to. Its arguments: the signal or crash, the option. */
export const FST_LIFECYCLE_TEST_UNHEARD: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_TEST_UNHEARD',
  'No app in the fake process listens to %s: a real process would end at once, without a shutdown. Give `register` the option `%s` as in production; an app that is closed listens to nothing.',
  500
)

/** A held phase that never began. Its arguments: the phase, the exit code. */
export const FST_LIFECYCLE_TEST_NOT_REACHED: Coded<[string, string]> = createError(
  'FST_LIFECYCLE_TEST_NOT_REACHED',
  "The shutdown ended before the phase '%s' began, with exit code %s. `app.lifecycle.report` says what it was busy with.",
  500
)
