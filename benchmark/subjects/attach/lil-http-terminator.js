import { setTimeout as sleep } from 'node:timers/promises'
import createTerminator from 'lil-http-terminator'
import { probes } from '../app/probes.js'

/** Signals and the exit are left to its user; `close()` then runs every plugin's `onClose`. */
export async function attach(app, { deadline, lameDuck, cleanup }) {
  const { fail } = probes(app)
  app.addHook('onClose', cleanup)
  const terminator = createTerminator({
    server: app.server,
    gracefulTerminationTimeout: deadline,
    maxWaitTimeout: deadline
  })
  const shutdown = async () => {
    fail()
    await sleep(lameDuck)
    const { success } = await terminator.terminate()
    await app.close()
    process.exit(success ? 0 : 1)
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, shutdown)
  return {}
}
