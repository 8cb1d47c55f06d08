import { setTimeout as sleep } from 'node:timers/promises'
import terminus from '@godaddy/terminus'

/** It stops the server, then runs `onSignal`, where `close()` runs every plugin's `onClose`. */
export async function attach(app, { deadline, lameDuck, cleanup }) {
  app.addHook('onClose', cleanup)
  terminus.createTerminus(app.server, {
    timeout: deadline,
    signals: ['SIGTERM', 'SIGINT'],
    useExit0: true,
    // Left to itself it fails liveness too, and the platform would kill what still serves.
    sendFailuresDuringShutdown: false,
    healthChecks: {
      '/livez': async () => {},
      async '/readyz'({ state }) {
        if (state.isShuttingDown) throw new Error('shutting down')
      }
    },
    beforeShutdown: () => sleep(lameDuck),
    onSignal: () => app.close()
  })
  return {}
}
