import { AsyncLocalStorage } from 'node:async_hooks'

/** Code that a shutdown runs and waits for: a hook, or the `onClose` hooks. */
export interface Inside {
  /** The hook runs of the shutdown that waits for this code. */
  readonly runs: object
  /** The name of this code, for the log. */
  readonly who: string
  isOver: boolean
}

// Made only when the first hook runs, because on older versions of Node.js the storage makes each promise
// slower.
let storage: AsyncLocalStorage<Inside> | undefined
let running = 0

/**
 * Runs code of a shutdown, so that `callerInside` knows it as the caller of the functions that it calls. `over`
 * ends this.
 */
export function runInside<T>(inside: Inside, run: () => T): T {
  storage ??= new AsyncLocalStorage()
  running++
  return storage.run(inside, run)
}

/** Notes that the shutdown no longer waits for this code. */
export function over(inside: Inside): void {
  inside.isOver = true
  running--
  if (running === 0) storage?.disable()
}

/** The code that makes the current call, if these hook runs wait for that code. */
export function callerInside(runs: object): Inside | undefined {
  const inside = storage?.getStore()
  return inside?.runs === runs && !inside.isOver ? inside : undefined
}
