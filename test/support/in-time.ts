import type { TestContext } from 'node:test'

/** Something came too late, or could not be seen in time: a busy machine may be the reason. */
export class Late extends Error {
  constructor(what: string) {
    super(`${what} came too late`)
  }
}

/** How much more time the last attempt has than the first. */
const mostTime = 32

/**
 * For what has to happen within real time, of which a busy machine has little. An attempt that was late is made
 * again with twice the time. So a slow machine passes, and what never happens in time fails. Any other error
 * fails at once.
 */
export async function inTime(t: TestContext, attempt: (times: number) => Promise<void>): Promise<void> {
  for (let times = 1; ; times *= 2) {
    try {
      return await attempt(times)
    } catch (error) {
      if (!(error instanceof Late) || times === mostTime) throw error
      t.diagnostic(`once more with ${2 * times} times the time: ${error.message}`)
    }
  }
}

/** For how many ms a client may get no CPU time: one that gets none for longer does not do what clients do. */
export const longStall = 75

/** What fails while this process gets no CPU time, with the clients in it, fails as late. */
export async function unlessStalled(act: () => Promise<void>): Promise<void> {
  let [longest, last] = [0, performance.now()]
  const look = () => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }
  const looking = setInterval(look, 10)
  try {
    await act()
  } catch (error) {
    look()
    if (error instanceof Late || longest < longStall) throw error
    throw new Late(`A client that stalled for ${Math.round(longest)} ms (${(error as Error).message})`)
  } finally {
    clearInterval(looking)
  }
}

/** Fails as late where something took longer than it may, both in ms. */
export function assertWithin(took: number, limit: number, what: string): void {
  if (took >= limit) throw new Late(`${what} (${Math.round(took)} ms, limit ${Math.round(limit)} ms)`)
}

/**
 * A deadline, or any other limit, that no test is to reach: in ms, so long that only something that hangs does.
 */
export const aLongTime = 600_000

/**
 * The main thread ends the shutdown after so many ms, and the watchdog's kill, which must not come first on a busy
 * machine, comes a long time later.
 */
export function endsItself(after: number): { deadline: number; hardKill: { margin: number } } {
  return { deadline: after + aLongTime, hardKill: { margin: aLongTime } }
}
