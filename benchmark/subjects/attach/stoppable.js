import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import stoppable from 'stoppable'
import { probes } from '../app/probes.js'

/** Signals and the exit are left to its user; `close()` then runs every plugin's `onClose`. */
export async function attach(app, { deadline, lameDuck, cleanup }) {
  const { fail } = probes(app)
  app.addHook('onClose', cleanup)
  const server = stoppable(app.server, deadline)
  const shutdown = async () => {
    fail()
    await sleep(lameDuck)
    await promisify(server.stop)()
    await app.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, shutdown)
  return {}
}
