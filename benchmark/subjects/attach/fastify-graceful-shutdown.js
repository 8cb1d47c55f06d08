import { setTimeout as sleep } from 'node:timers/promises'
import gracefulShutdown from 'fastify-graceful-shutdown'
import { probes } from '../app/probes.js'

/** Its handlers run before `close()`; resources are released in `onClose`, says its README. */
export async function attach(app, { deadline, lameDuck, cleanup }) {
  const { fail } = probes(app)
  app.addHook('onClose', cleanup)
  await app.register(gracefulShutdown, { timeout: deadline })
  app.gracefulShutdown(async () => {
    fail()
    await sleep(lameDuck)
  })
  return {}
}
