import type { FastifyInstance } from 'fastify'

/** One mistake that people make with an option: how it reads, and how it is made. */
interface Mistake {
  readonly says: string
  readonly options?: object
  readonly makes?: (app: FastifyInstance) => void
}

const inOptions = (says: string, options: object): Mistake => ({ says, options })
const inCheck = (says: string, check: object): Mistake => ({
  says,
  makes: (app) => app.lifecycle.addCheck('db', { check: () => true, ...check })
})
const inHook = (says: string, hook: object): Mistake => ({
  says,
  makes: (app) => app.onShutdown({ name: 'db', handler: () => {}, ...hook })
})
const inRoute = (says: string, lifecycle: object): Mistake => ({
  says,
  makes: (app) => app.get('/orders', { config: { lifecycle } }, () => {})
})

/** By the name that `docs/options.md` has for the option. */
export const mistakes: Readonly<Record<string, Mistake>> = {
  deadline: inOptions("{ deadline: '25s' }", { deadline: '25s' }),
  lameDuck: inOptions('{ deadline: 10_000, lameDuck: 15_000 }', { deadline: 10_000, lameDuck: 15_000 }),
  drainTimeout: inOptions('{ deadline: 10_000, lameDuck: 5_000, drainTimeout: 8_000 }', {
    deadline: 10_000,
    lameDuck: 5_000,
    drainTimeout: 8_000
  }),
  hookTimeout: inOptions('{ hookTimeout: -1 }', { hookTimeout: -1 }),
  signals: inOptions("{ signals: ['SIGKILL'] }", { signals: ['SIGKILL'] }),
  crashes: inOptions("{ crashes: 'log' }", { crashes: 'log' }),
  retryAfter: inOptions('{ retryAfter: [5, 1] }', { retryAfter: [5, 1] }),
  rejection: inOptions("{ rejection: { error: 'restarting' } }", { rejection: { error: 'restarting' } }),
  health: inOptions("{ health: { readyness: '/ready' } }", { health: { readyness: '/ready' } }),
  checks: inOptions('{ checks: { db: true } }', { checks: { db: true } }),
  websocket: inOptions('{ websocket: 1001 }', { websocket: 1001 }),
  hooks: inOptions('{ hooks: [{ run: () => db.end() }] }', { hooks: [{ run: () => {} }] }),
  hardKill: inOptions('{ hardKill: 500 }', { hardKill: 500 }),
  exit: inOptions('{ exit: 1 }', { exit: 1 }),
  log: inOptions("{ log: 'debug' }", { log: 'debug' }),
  terminationLog: inOptions('{ terminationLog: true }', { terminationLog: true }),
  'log.level': inOptions("{ log: { level: 'off' } }", { log: { level: 'off' } }),
  'log.report': inOptions('{ log: { report: true } }', { log: { report: true } }),
  handOver: inOptions("{ handOver: 'systemd' }", { handOver: 'systemd' }),
  'health.live': inOptions("{ health: { live: 'livez' } }", { health: { live: 'livez' } }),
  'health.ready': inOptions("{ health: { live: '/health', ready: '/health' } }", {
    health: { live: '/health', ready: '/health' }
  }),
  'health.startup': inOptions('{ health: { startup: true } }', { health: { startup: true } }),
  'health.port': inOptions("{ health: { port: '9000' } }", { health: { port: '9000' } }),
  'health.host': inOptions("{ health: { host: '127.0.0.1' } }", { health: { host: '127.0.0.1' } }),
  'health.routes': inOptions("{ health: { routes: '/livez' } }", { health: { routes: '/livez' } }),
  'health.details': inOptions("{ health: { details: 'all' } }", { health: { details: 'all' } }),
  'health.openapi': inOptions('{ health: { openapi: 3 } }', { health: { openapi: 3 } }),
  'health.logLevel': inOptions("{ health: { logLevel: 'off' } }", { health: { logLevel: 'off' } }),
  'check.check': inCheck("{ check: 'select 1' }", { check: 'select 1' }),
  'check.timeout': inCheck("{ check, timeout: '1s' }", { timeout: '1s' }),
  'check.ttl': inCheck('{ check, ttl: -1 }', { ttl: -1 }),
  'check.critical': inCheck("{ check, critical: 'no' }", { critical: 'no' }),
  'check.failureThreshold': inCheck('{ check, failureThreshold: 0 }', { failureThreshold: 0 }),
  'check.probe': inCheck("{ check, probe: 'readyz' }", { probe: 'readyz' }),
  'websocket.code': inOptions('{ websocket: { code: 1006 } }', { websocket: { code: 1006 } }),
  'websocket.reason': inOptions('{ websocket: { reason: 1012 } }', { websocket: { reason: 1012 } }),
  'hardKill.margin': inOptions('{ hardKill: { margin: true } }', { hardKill: { margin: true } }),
  'hardKill.stall': inOptions("{ hardKill: { stall: '10s' } }", { hardKill: { stall: '10s' } }),
  'hook.name': inHook("{ name: '', handler }", { name: '' }),
  'hook.handler': inHook("{ name: 'db', handler: (context, done) => db.end(done) }", {
    handler: (_context: unknown, done: () => void) => done()
  }),
  'hook.phase': inHook("{ name: 'db', phase: 'drain', handler }", { phase: 'drain' }),
  'hook.timeout': inHook("{ name: 'db', timeout: '2s', handler }", { timeout: '2s' }),
  'hook.dependsOn': {
    says: "{ name: 'outbox', dependsOn: ['bd'], handler }",
    makes: (app) => app.onShutdown('db', () => {}).onShutdown('outbox', { dependsOn: ['bd'] }, () => {})
  },
  'hook.signal': inHook("{ name: 'session', signal: new AbortController(), handler }", {
    name: 'session',
    signal: new AbortController()
  }),
  'config.lifecycle.whileDraining': inRoute("{ whileDraining: 'accept' }", { whileDraining: 'accept' }),
  'config.lifecycle.longLived': inRoute("{ longLived: 'yes' }", { longLived: 'yes' })
}
