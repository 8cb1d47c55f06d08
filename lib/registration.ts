import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance, onRouteHookHandler } from 'fastify'
import { FST_LIFECYCLE_ALREADY_REGISTERED } from './errors.ts'
import { listenForProbes } from './health/own-listener.ts'
import { addProbes } from './health/routes.ts'
import type { Life } from './life.ts'
import { logProbePort } from './narration.ts'
import { checkRouteConfig } from './route-config.ts'

/** Where the plugin was registered: that instance, its parent and so on up to the root. */
export type Lineage = readonly [FastifyInstance, ...FastifyInstance[]]

/**
 * A server has one life, and that is its root's, wherever the plugin is registered: fastify-cli and
 * @fastify/autoload have no other place for it than an encapsulated instance.
 */
export function lineageOf(app: FastifyInstance): Lineage {
  if (app.hasDecorator('lifecycle')) throw new FST_LIFECYCLE_ALREADY_REGISTERED()
  // An encapsulated instance has its parent as prototype.
  const parent = Object.getPrototypeOf(app)
  return 'register' in parent ? [app, ...lineageOf(parent)] : [app]
}

/** Puts everything in place that the walk will need. Where that fails, nothing listens to the process. */
export async function prepare(life: Life, lineage: Lineage): Promise<void> {
  const { app, settings, traffic } = life
  for (const hook of settings.hooks) life.hooks.add(app, [hook])
  app.addHook('onReady', async () => life.hooks.check())
  onRoute(lineage, checkRouteConfig)
  app.addHook('preParsing', traffic.gate.hook)
  traffic.watch()
  if (settings.health.routes) addProbes(app, life.health, settings.health, (hook) => onRoute(lineage, hook))
  for (const [name, check] of Object.entries(settings.checks)) life.health.checks.add(name, check)
  life.join()
  try {
    await openProbePort(life)
  } catch (error) {
    life.leave()
    throw error
  }
}

/** Unlike other hooks, Fastify's `onRoute` does not reach the children that an instance has already. */
function onRoute(lineage: Lineage, hook: onRouteHookHandler): void {
  for (const instance of lineage) instance.addHook('onRoute', hook)
}

/** Where a process exits next, that ends it soon enough: until then someone may ask. */
async function openProbePort(life: Life): Promise<void> {
  const { app, settings, announcements, front } = life
  const { port, host } = settings.health
  if (port === undefined) return
  const server = await listenForProbes(front, port, host)
  logProbePort(app.log, addressOf(server))
  announcements.events.once('report', () => {
    if (life.endsProcess) return
    server.close()
    server.closeAllConnections()
  })
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
