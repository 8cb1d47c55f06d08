import { now, setImmediate } from './clock.ts'

/** How long the event loop is kept from turning in one go, in ms. */
const stretch = 5

/** Does something to each of many, however many there are, and lets the event loop turn in between. */
export async function inTurns<T>(items: readonly T[], act: (item: T) => void): Promise<void> {
  let begin = now()
  for (const item of items) {
    act(item)
    if (now() - begin < stretch) continue
    await new Promise((resolve) => setImmediate(resolve))
    begin = now()
  }
}
