import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { FST_LIFECYCLE_ALREADY_REGISTERED, FST_LIFECYCLE_NOT_ROOT } from './errors.ts'
import { listenForProbes } from './health/own-listener.ts'
import { addProbes } from './health/routes.ts'
import type { Life } from './life.ts'
import { logProbePort } from './narration.ts'
import { checkRouteConfig } from './route-config.ts'

/** A process has one life: the plugin belongs on the root instance, once. */
export function checkPlace(app: FastifyInstance): void {
  if (app.hasDecorator('lifecycle')) throw new FST_LIFECYCLE_ALREADY_REGISTERED()
  // An encapsulated instance has its parent as prototype.
  if (Object.getPrototypeOf(app) !== Object.prototype) throw new FST_LIFECYCLE_NOT_ROOT()
}

/** Puts everything in place that the walk will need. */
export async function prepare(life: Life): Promise<void> {
  const { app, settings, traffic } = life
  for (const hook of settings.hooks) life.hooks.add(app, [hook])
  app.addHook('onReady', async () => life.hooks.check())
  app.addHook('onRoute', checkRouteConfig)
  app.addHook('preParsing', traffic.gate.hook)
  traffic.watch()
  if (settings.health.routes) addProbes(app, life.health, settings.health)
  for (const [name, check] of Object.entries(settings.checks)) life.health.checks.add(name, check)
  await openProbePort(life)
}

/** Where a process exits next, that ends it soon enough: until then someone may ask. */
async function openProbePort({ app, settings, announcements, front }: Life): Promise<void> {
  const { port, host } = settings.health
  if (port === undefined) return
  const server = await listenForProbes(front, port, host)
  logProbePort(app.log, addressOf(server))
  announcements.events.once('report', ({ reason }) => {
    if (settings.exit && reason.type !== 'close') return
    server.close()
    server.closeAllConnections()
  })
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
