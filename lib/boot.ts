import type { Life } from './life.ts'

/** Notices when the app is ready: when it listens, or when it has booted and nothing wants to listen. */
export function watchBoot(life: Life): void {
  const { app } = life
  // `listen()` waits for the boot, and by then it has put a listener of its own on the server.
  const waiters = () => app.server.listenerCount('listening')
  const waitersBefore = waiters()

  app.addHook('onReady', (done) => {
    app.ready().then(
      () => {
        if (waiters() === waitersBefore) life.becomeReady()
      },
      () => {}
    )
    done()
  })
  app.addHook('onListen', (done) => {
    life.becomeReady()
    done()
  })
}
