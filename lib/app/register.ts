import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance, onRouteHookHandler } from 'fastify'
import { FST_LIFECYCLE_ALREADY_REGISTERED, FST_LIFECYCLE_SERVER_SHARED } from '../errors.ts'
import { listenForProbes } from '../health/probe-port.ts'
import { addProbes } from '../health/routes.ts'
import { noteCallers } from '../requests/caller.ts'
import { noteSources } from '../requests/long-lived.ts'
import { checkRouteConfig } from '../requests/route.ts'
import { logProbePort } from '../telemetry/log.ts'
import { checkTerminationLog } from '../telemetry/termination-log.ts'
import { noteAwaited } from '../undocumented/settling.ts'
import { parentOf } from '../undocumented.ts'
import type { Life } from './life.ts'

/** Where the plugin was registered: that instance, its parent and so on up to the root. */
export type Lineage = readonly [FastifyInstance, ...FastifyInstance[]]

/**
 * A server has one life, and that is its root's, wherever the plugin is registered: fastify-cli and
 * @fastify/autoload have no other place for it than an encapsulated instance.
 */
export function lineageOf(app: FastifyInstance): Lineage {
  if (app.hasDecorator('lifecycle')) throw new FST_LIFECYCLE_ALREADY_REGISTERED()
  const parent = parentOf(app)
  return parent === undefined ? [app] : [app, ...lineageOf(parent)]
}

/** Under a symbol that all copies of this package share: the app whose life a server has. */
const ownerKey: unique symbol = Symbol.for('fastify-lifecycle.owner')

interface OwnedServer {
  [ownerKey]?: Partial<Pick<FastifyInstance, 'lifecycle'>>
}

/** Two apps may have one server, as with @fastify/restartable: each would close it for the other. */
export function claimServer(app: FastifyInstance): void {
  const server = app.server as OwnedServer
  const phase = server[ownerKey]?.lifecycle?.phase
  if (phase !== undefined && phase !== 'closed') throw new FST_LIFECYCLE_SERVER_SHARED()
  server[ownerKey] = app
}

/** Prepares everything that the shutdown needs. If that fails, no listener stays on the process. */
export async function prepare(life: Life, lineage: Lineage): Promise<void> {
  const { app, settings, traffic } = life
  for (const hook of settings.hooks) life.hooks.add(app, [hook])
  app.addHook('onReady', async () => life.hooks.check())
  onRoute(lineage, checkRouteConfig)
  onRoute(lineage, noteSources)
  onRoute(lineage, noteCallers(traffic.waiting.callerOf))
  app.addHook('preParsing', traffic.gate.hook)
  noteAwaited(app)
  traffic.watch()
  if (settings.health.routes)
    addProbes(app, life.health, settings.health, life.probePaths, (hook) => onRoute(lineage, hook))
  for (const [name, check] of Object.entries(settings.checks)) life.health.checks.add(name, check)
  checkTerminationLog(app.log, settings.terminationLog)
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
  const { app, settings, events, respondToProbe } = life
  const { port, host } = settings.health
  if (port === undefined) return
  const server = await listenForProbes(respondToProbe, port, host)
  logProbePort(app.log, addressOf(server))
  events.emitter.once('report', () => {
    if (life.endsProcess) return
    server.close()
    server.closeAllConnections()
  })
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
