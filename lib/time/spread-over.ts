import { sleep } from './clock.ts'

/** The time between two groups of items, in ms. */
const step = 10

/** The time that each item adds to the whole, in ms. */
const perItem = 1

/**
 * Calls `act` for each item, spread over a time that grows with the number of items, up to a quarter of `limit`. The
 * items are clients that reconnect: they should not all reconnect at once. The event loop turns in between.
 */
export async function spread<T>(items: readonly T[], limit: number, act: (item: T) => void): Promise<void> {
  const window = Math.min(items.length * perItem, limit / 4)
  const groupSize = Math.max(1, Math.ceil(items.length / Math.max(1, window / step)))
  for (let start = 0; start < items.length; start += groupSize) {
    if (start > 0) await sleep(step)
    for (const item of items.slice(start, start + groupSize)) act(item)
  }
}
