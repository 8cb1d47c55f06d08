import type { FastifyInstance } from 'fastify'

/**
 * Notices when the app is ready: when it listens, or when it has booted and nothing wants to listen.
 *
 * Returns a function that looks at once, for whoever asks right after `await app.ready()`: that
 * promise was there before ours, so its reader comes first.
 */
export function watchBoot(app: FastifyInstance, becomeReady: () => void): () => void {
  // `listen()` waits for the boot, and then puts a listener of its own on the server.
  const waiters = () => app.server.listenerCount('listening')
  const waitersBefore = waiters()
  let boot: unknown

  /** While the boot is under way, `ready()` always returns the same promise. */
  const hasBooted = () => boot !== undefined && app.ready() !== boot
  const look = () => {
    if (hasBooted() && waiters() === waitersBefore) becomeReady()
  }

  app.addHook('onReady', (done) => {
    boot = app.ready()
    app.ready().then(look, () => {})
    done()
  })
  app.addHook('onListen', (done) => {
    becomeReady()
    done()
  })
  return look
}
