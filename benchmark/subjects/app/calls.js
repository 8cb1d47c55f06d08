import { execFileSync } from 'node:child_process'
import { mkdtempSync, promises, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countHeld, release } from './held.js'
import { watchLoop } from './loop.js'
import { tell } from './tell.js'

/** What the parent can have done, by name; `value` in the answer is what is returned. */
export const calls = {
  /** CPU time so far, all threads together, in microseconds. */
  cpu() {
    const { user, system } = process.cpuUsage()
    return user + system
  },

  /** Resident memory in bytes; without garbage, where the process may say when it is collected. */
  memory() {
    globalThis.gc?.()
    return process.memoryUsage().rss
  },

  /** What the start has left: threads are known on Linux only, timers with `count-timers.js` only. */
  footprint: () => ({
    threads: process.platform === 'linux' ? threads() : null,
    timers: globalThis.timersSet?.() ?? null,
    activeResources: process.getActiveResourcesInfo().length
  }),

  /** How many requests to `/held` wait. */
  held: countHeld,

  /** Answers them, from `from` to `until` ms from now. */
  release: (_app, when) => release(when),

  /** At its end the process tells for how long the loop was blocked at most. */
  watchLoop,

  /** A rejection that nobody handles. */
  reject() {
    void Promise.reject(new Error('a stray rejection'))
  },

  /** An exception that nobody catches. */
  throw() {
    setImmediate(() => {
      throw new Error('an uncaught exception')
    })
  },

  /** A read that never comes back, as from a dead disk: it holds a thread of libuv's pool. */
  holdPool() {
    const fifo = join(mkdtempSync(join(tmpdir(), 'compare-')), 'fifo')
    execFileSync('mkfifo', [fifo])
    promises.readFile(fifo).catch(() => {})
  },

  /** `app.close()`, as a test calls it. */
  async close(app) {
    await app.close()
    tell({ closed: true })
  }
}

function threads() {
  return Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
}
