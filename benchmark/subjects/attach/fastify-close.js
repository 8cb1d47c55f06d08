import { setTimeout as sleep } from 'node:timers/promises'
import { probes } from '../app/probes.js'

/** What one writes by hand: nothing but `close()` on a signal. It has no deadline. */
export async function attach(app, { lameDuck, cleanup }) {
  const { fail } = probes(app)
  app.addHook('onClose', cleanup)
  const shutdown = async () => {
    fail()
    await sleep(lameDuck)
    await app.close()
    process.exit(0)
  }
  // Once: a second signal ends the process as it does without a listener.
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, shutdown)
  return {}
}
