import type { FastifyInstance } from 'fastify'

/** The boot of an app, as far as one can see it from outside. */
export interface Boot {
  /** Looks whether it is over, at once: whoever awaits `app.ready()` comes before our own listener. */
  look(): void
  /** Resolves when it is over, well or not, and so is a `listen()` that waited for it. */
  settled(): Promise<void>
}

/** Notices when the app is ready: when it listens, or when it has booted and nothing wants to listen. */
export function watchBoot(app: FastifyInstance, becomeReady: () => void): Boot {
  // `listen()` waits for the boot, and then puts a listener of its own on the server.
  const waiters = () => app.server.listenerCount('listening')
  const waitersBefore = waiters()
  const wantsToListen = () => waiters() > waitersBefore && !app.server.listening
  let boot: unknown

  /** While the boot is under way, `ready()` always returns the same promise. */
  const hasBooted = () => boot !== undefined && app.ready() !== boot
  const look = () => {
    if (hasBooted() && !wantsToListen()) becomeReady()
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
  return {
    look,
    async settled() {
      await app.ready().then(undefined, () => {})
      if (wantsToListen()) await listened(app)
    }
  }
}

function listened({ server }: FastifyInstance): Promise<void> {
  return new Promise((resolve) => {
    server.once('listening', resolve)
    server.once('error', () => resolve())
  })
}
