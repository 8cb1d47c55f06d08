import traps from '@dnlup/fastify-traps'
import { probes } from '../app/probes.js'

export async function attach(app, { deadline, lameDuck, cleanup }) {
  if (lameDuck > 0) throw new Error('@dnlup/fastify-traps closes at once: its onSignal is synchronous')
  probes(app)
  app.addHook('onClose', cleanup)
  // Its strict mode refuses to stand beside another app's listeners.
  await app.register(traps, { timeout: deadline, strict: process.listenerCount('SIGTERM') === 0 })
  return {}
}
