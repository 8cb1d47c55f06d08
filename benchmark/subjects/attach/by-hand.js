import { setTimeout as sleep } from 'node:timers/promises'
import { probes } from '../app/probes.js'

/** A good shutdown as one writes it by hand: `Connection: close`, a sweep of idle connections, and a time limit. */
export async function attach(app, { deadline, lameDuck, cleanup }) {
  const { fail } = probes(app)
  let phase = 'serving'
  app.addHook('onSend', async (_request, reply) => {
    if (phase === 'draining') reply.header('connection', 'close')
  })
  app.addHook('onClose', cleanup)
  const shutdown = async () => {
    if (phase !== 'serving') return
    phase = 'waiting'
    setTimeout(() => process.exit(1), deadline).unref()
    fail()
    await sleep(lameDuck)
    phase = 'draining'
    // What is in flight at 80 % of the time is cut, so that the hooks still run.
    setTimeout(() => app.server.closeAllConnections?.(), (deadline - lameDuck) * 0.8).unref()
    setInterval(() => app.server.closeIdleConnections?.(), 100).unref()
    await app.close().then(
      () => process.exit(0),
      () => process.exit(1)
    )
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, shutdown)
  return {}
}
