import timers from 'node:timers'

// Taken once, when the module loads: an application that mocks timers in its own tests
// must not stop, or speed up, a shutdown's budget.

/** Milliseconds on the monotonic clock, which no change of the wall clock moves. */
export const now: () => number = performance.now.bind(performance)

/** Milliseconds on the system's monotonic clock, which all threads of the process share. */
export function monotonic(): number {
  return Number(nanoseconds()) / 1e6
}

const nanoseconds = process.hrtime.bigint

export const setTimeout: typeof timers.setTimeout = timers.setTimeout
export const setImmediate: typeof timers.setImmediate = timers.setImmediate
export const clearTimeout: typeof timers.clearTimeout = timers.clearTimeout
export const setInterval: typeof timers.setInterval = timers.setInterval
export const clearInterval: typeof timers.clearInterval = timers.clearInterval

/** The largest delay a Node.js timer takes; a longer one would fire at once. */
export const longestDelay: number = 2 ** 31 - 1

/** A tenth of a millisecond is as exact as anything here. */
export function round(ms: number): number {
  return Math.round(ms * 10) / 10
}

/** Resolves after `ms`, and keeps the process alive until then. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
