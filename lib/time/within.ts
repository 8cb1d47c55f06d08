import { clearTimeout, longestDelay, setTimeout } from './clock.ts'

/** How a bounded wait ended: a value, never an exception. */
export type Settled<T> =
  | { readonly outcome: 'ok'; readonly value: T }
  | { readonly outcome: 'error'; readonly error: unknown }
  | { readonly outcome: 'timeout' }

/** A value whose `then` cannot be read counts as a promise: the `await` then throws the reason. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
  } catch {
    return true
  }
}

/** Makes a promise of a thenable. Unlike `Promise.resolve`, it never throws. */
export function promiseOf<T>(work: PromiseLike<T>): Promise<T> {
  return new Promise((resolve) => resolve(work))
}

/** Waits for `work`, but never longer than `ms`. Never rejects, and leaves no timer behind. */
export function within<T>(ms: number, work: PromiseLike<T>): Promise<Settled<T>> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle({ outcome: 'timeout' }), Math.min(ms, longestDelay))
    const settle = (settled: Settled<T>) => {
      clearTimeout(timer)
      resolve(settled)
    }
    // `promiseOf` is needed because the `then` of a thenable may throw.
    promiseOf(work).then(
      (value) => settle({ outcome: 'ok', value }),
      (error: unknown) => settle({ outcome: 'error', error })
    )
  })
}
