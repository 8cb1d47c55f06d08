import { AsyncLocalStorage } from 'node:async_hooks'

/** Code that a shutdown runs and waits for: a hook, or the `onClose` hooks. */
export interface Inside {
  /** The hook runs of that shutdown. */
  readonly runs: object
  /** In words, for the log. */
  readonly who: string
  isOver: boolean
}

// Made when the first hook runs: on older versions of Node.js it costs each promise something.
let storage: AsyncLocalStorage<Inside> | undefined
let running = 0

/** Runs something of a shutdown, so that it is known as the caller of whatever it calls. `over` ends that. */
export function runInside<T>(inside: Inside, run: () => T): T {
  storage ??= new AsyncLocalStorage()
  running++
  return storage.run(inside, run)
}

/** From now on the shutdown does not wait for it any more. */
export function over(inside: Inside): void {
  inside.isOver = true
  running--
  if (running === 0) storage?.disable()
}

/** What calls this, if these hook runs wait for it. */
export function callerInside(runs: object): Inside | undefined {
  const inside = storage?.getStore()
  return inside?.runs === runs && !inside.isOver ? inside : undefined
}
