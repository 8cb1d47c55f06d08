import { isThenable, promiseOf } from './within.ts'

/** Calls a function of the user. Calls `failed` if the function throws, or if its promise rejects. */
export function guarded<T>(call: () => T, failed: (error: unknown) => void): T | undefined {
  try {
    const value = call()
    if (isThenable(value)) promiseOf(value).then(undefined, failed)
    return value
  } catch (error) {
    failed(error)
    return undefined
  }
}

/** Calls a function whose error must not stop the code that follows. The error becomes an uncaught exception. */
export function apart(act: () => void): void {
  try {
    act()
  } catch (error) {
    process.nextTick(() => {
      throw error
    })
  }
}
