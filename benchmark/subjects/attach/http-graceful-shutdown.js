import { setTimeout as sleep } from 'node:timers/promises'
import gracefulShutdown from 'http-graceful-shutdown'
import { probes } from '../app/probes.js'

/** It stops the server, then runs `onShutdown`, where `close()` runs every plugin's `onClose`. */
export async function attach(app, { deadline, lameDuck, cleanup }) {
  const { fail } = probes(app)
  app.addHook('onClose', cleanup)
  gracefulShutdown(app.server, {
    timeout: deadline,
    async preShutdown() {
      fail()
      await sleep(lameDuck)
    },
    onShutdown: () => app.close()
  })
  return {}
}
