import { now, setImmediate } from './clock.ts'

/** How long the event loop may be blocked at a time, in ms. */
const stretch = 5

/** Calls `act` for each item, and lets the event loop turn in between, however many items there are. */
export async function inTurns<T>(items: readonly T[], act: (item: T) => void): Promise<void> {
  let begin = now()
  for (const item of items) {
    act(item)
    if (now() - begin < stretch) continue
    await new Promise((resolve) => setImmediate(resolve))
    begin = now()
  }
}
