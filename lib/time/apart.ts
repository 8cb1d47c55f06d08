import { isThenable, promiseOf } from './within.ts'

/** Calls a function that the user gave. It may fail at once or, where it is asynchronous, later. */
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

/** Does something whose error must stop nothing else: it becomes an error that nobody caught. */
export function apart(act: () => void): void {
  try {
    act()
  } catch (error) {
    process.nextTick(() => {
      throw error
    })
  }
}
