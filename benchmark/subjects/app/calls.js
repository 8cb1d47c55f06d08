import { tell } from './tell.js'

/** What the parent can have done, by name; `value` in the answer is what is returned. */
export const calls = {
  /** CPU time so far, all threads together, in microseconds. */
  cpu() {
    const { user, system } = process.cpuUsage()
    return user + system
  },

  /** Resident memory in bytes. */
  memory: () => process.memoryUsage().rss,

  /** A rejection that nobody handles. */
  reject() {
    Promise.reject(new Error('a stray rejection'))
  },

  /** An exception that nobody catches. */
  throw() {
    setImmediate(() => {
      throw new Error('an uncaught exception')
    })
  },

  /** `app.close()`, as a test calls it. */
  async close(app) {
    await app.close()
    tell({ closed: true })
  }
}
