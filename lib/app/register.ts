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
import { makeWatchable, noteAwaited } from '../undocumented/settling.ts'
import { parentOf } from '../undocumented.ts'
import type { Life } from './life.ts'

/** The instance that the plugin was registered on, the parent of this instance, and so on up to the root. */
export type Lineage = readonly [FastifyInstance, ...FastifyInstance[]]

/**
 * A server has one life, which belongs to the root instance, wherever the plugin is registered. The tools
 * fastify-cli and @fastify/autoload can register a plugin only on an encapsulated instance.
 */
export function lineageOf(app: FastifyInstance): Lineage {
  if (app.hasDecorator('lifecycle')) throw new FST_LIFECYCLE_ALREADY_REGISTERED()
  const parent = parentOf(app)
  return parent === undefined ? [app] : [app, ...lineageOf(parent)]
}

/** The key under which a server keeps the app that it belongs to. All copies of this package share this symbol. */
const ownerKey: unique symbol = Symbol.for('fastify-lifecycle.owner')

interface OwnedServer {
  [ownerKey]?: Partial<Pick<FastifyInstance, 'lifecycle'>>
}

/**
 * Throws if another app already has the same server, as with @fastify/restartable: each app would close the
 * server of the other.
 */
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
  makeWatchable(app)
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

/**
 * If the process exits after the shutdown, the port stays open until the exit, because a prober may still ask.
 * Otherwise the port is closed after the report.
 */
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
