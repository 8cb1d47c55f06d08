import timers from 'node:timers'

// These functions are taken once, when the module loads. An app may mock timers in its own tests. Mocked timers
// must neither stop a shutdown nor speed it up.

/** Milliseconds on the monotonic clock. A change of the wall clock does not affect it. */
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

/** The longest delay of a Node.js timer. With a longer delay, a timer would fire at once. */
export const longestDelay: number = 2 ** 31 - 1

/** Rounds to a tenth of a millisecond, which is exact enough here. */
export function round(ms: number): number {
  return Math.round(ms * 10) / 10
}

/** Resolves after `ms`, and keeps the process alive until then. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
