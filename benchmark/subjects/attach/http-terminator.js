import { setTimeout as sleep } from 'node:timers/promises'
import { createHttpTerminator } from 'http-terminator'
import { probes } from '../app/probes.js'

/** Signals and the exit are left to its user; `close()` then runs every plugin's `onClose`. */
export async function attach(app, { deadline, lameDuck, cleanup }) {
  const { fail } = probes(app)
  app.addHook('onClose', cleanup)
  const terminator = createHttpTerminator({ server: app.server, gracefulTerminationTimeout: deadline })
  const shutdown = async () => {
    fail()
    await sleep(lameDuck)
    await terminator.terminate()
    await app.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, shutdown)
  return {}
}
