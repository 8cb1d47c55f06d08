import { setTimeout as sleep } from 'node:timers/promises'
import terminus from '@godaddy/terminus'

/** It stops the server, then runs `onSignal`, where `close()` runs every plugin's `onClose`. */
export async function attach(app, { deadline, lameDuck, cleanup }) {
  app.addHook('onClose', cleanup)
  terminus.createTerminus(app.server, {
    timeout: deadline,
    signals: ['SIGTERM', 'SIGINT'],
    useExit0: true,
    healthChecks: { '/livez': async () => {}, '/readyz': async () => {} },
    beforeShutdown: () => sleep(lameDuck),
    onSignal: () => app.close()
  })
  return {}
}
