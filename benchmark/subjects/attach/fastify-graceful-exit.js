import gracefulExit from '@mgcrea/fastify-graceful-exit'
import { probes } from '../app/probes.js'

export async function attach(app, { deadline, lameDuck, cleanup }) {
  if (lameDuck > 0) throw new Error('@mgcrea/fastify-graceful-exit closes at once: it has no option to wait')
  probes(app)
  app.addHook('onClose', cleanup)
  await app.register(gracefulExit, { timeout: deadline })
  return {}
}
