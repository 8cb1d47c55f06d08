import type { LogLevel } from 'fastify'
import { FST_LIFECYCLE_PROBE_DUPLICATE } from '../errors.ts'
import { aBoolean, anObject, aPort, invalid, oneOf, onlyKeys } from '../validate.ts'
import type { HealthOptions, HealthSettings } from './options.ts'

const optionNames = [
  'live',
  'ready',
  'startup',
  'port',
  'host',
  'routes',
  'details',
  'openapi',
  'logLevel'
] as const satisfies readonly (keyof HealthOptions)[]

const logLevels: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

const none: HealthSettings = {
  live: false,
  ready: false,
  startup: false,
  port: undefined,
  host: undefined,
  routes: false,
  details: false,
  openapi: false,
  logLevel: 'silent'
}

/** Checks the option `health`, and fills the defaults in. */
export function healthOf(value: HealthOptions | false): HealthSettings {
  if (value === false) return none
  onlyKeys('health', anObject('health', value), optionNames)
  const { port, host, details = false, openapi = false, logLevel = 'silent' } = value
  const { routes = port === undefined } = value
  if (host !== undefined && port === undefined)
    throw invalid('health.port', 'set where `health.host` is', port)
  if (routes === false && port === undefined)
    throw invalid(
      'health.routes',
      'true where there is no `health.port`; for no probes at all, `health: false`',
      routes
    )
  return {
    ...pathsOf(value),
    port: port === undefined ? undefined : aPort('health.port', port, 0),
    host: host === undefined ? undefined : hostOf(host),
    routes: aBoolean('health.routes', routes),
    details: details === 'errors' ? details : detailsOf(details),
    openapi: aBoolean('health.openapi', openapi),
    logLevel: oneOf('health.logLevel', logLevel, logLevels)
  }
}

function pathsOf(value: HealthOptions): Pick<HealthSettings, 'live' | 'ready' | 'startup'> {
  const { live = '/livez', ready = '/readyz', startup = false } = value
  const paths = { live, ready, startup }
  const options = new Map<string, string>()
  for (const [name, path] of Object.entries(paths)) {
    const option = `health.${name}`
    pathOf(option, path)
    if (path === false) continue
    const taken = options.get(path)
    if (taken !== undefined) throw new FST_LIFECYCLE_PROBE_DUPLICATE(taken, option, path)
    options.set(path, option)
  }
  return paths
}

function pathOf(option: string, value: unknown): void {
  if (value === false || (typeof value === 'string' && value.startsWith('/'))) return
  throw invalid(option, "a path that starts with '/', or false", value)
}

function hostOf(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid('health.host', 'the name or the address of this host', value)
}

function detailsOf(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw invalid('health.details', "true, false or 'errors'", value)
}
