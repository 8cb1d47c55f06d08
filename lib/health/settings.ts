import { aLogLevel } from '../validation/log-level.ts'
import { aBoolean, aPort, invalid, onlyKeys } from '../validation/validate.ts'
import type { HealthOptions, HealthSettings } from './options.ts'
import { ProbePaths } from './probe-paths.ts'

// biome-ignore format: a list of names
const optionNames: readonly (keyof HealthOptions)[] = [
  'live', 'ready', 'startup', 'port', 'host', 'routes', 'details', 'openapi', 'logLevel'
]

/** Checks the option `health`, and fills the defaults in. */
export function healthOf(value: HealthOptions | false): HealthSettings {
  if (value === false) return { ...healthOf({}), live: false, ready: false, routes: false }
  const given = onlyKeys<HealthOptions>('health', value, optionNames)
  const { port, host, details = false, openapi = false, logLevel = 'silent' } = given
  const { routes = port === undefined } = given
  if (host !== undefined && port === undefined)
    throw invalid('health.port', 'set where `health.host` is', port)
  if (routes === false && port === undefined)
    throw invalid(
      'health.routes',
      'true where there is no `health.port`; for no probes at all, `health: false`',
      routes
    )
  return {
    ...pathsOf(given),
    port: port === undefined ? undefined : aPort('health.port', port, 0),
    host: host === undefined ? undefined : hostOf(host),
    routes: aBoolean('health.routes', routes),
    details: details === 'errors' ? details : detailsOf(details),
    openapi: aBoolean('health.openapi', openapi),
    logLevel: aLogLevel('health.logLevel', logLevel)
  }
}

function pathsOf(value: HealthOptions): Pick<HealthSettings, 'live' | 'ready' | 'startup'> {
  const { live = '/livez', ready = '/readyz', startup = false } = value
  const paths = {
    live: pathOf('health.live', live),
    ready: pathOf('health.ready', ready),
    startup: pathOf('health.startup', startup)
  }
  // Throws if two of the paths are the same.
  new ProbePaths(paths, {})
  return paths
}

/** The longest path of a probe. Node.js accepts at most 16 kB for all headers of a request. */
const longestPath = 1_000

/**
 * A path that a client sends unchanged: no query, no fragment, no encoded characters, and no characters with a
 * meaning for the router.
 */
const plainPath = /^(\/[\w.~!$&'()+,=@-]*)+$/

/** Empty segments and dot segments: a client may remove them before it sends the path. */
const unnormalized = /\/\/|\/\.{1,2}(\/|$)/

function pathOf(option: string, value: unknown): string | false {
  if (value === false) return value
  const isPath = typeof value === 'string' && value.length <= longestPath && plainPath.test(value)
  if (isPath && !unnormalized.test(value)) return value
  const expected =
    "a path such as '/readyz', or false. A path that can be answered has no parameter, wildcard, query, fragment, encoded character, empty segment or dot segment"
  throw invalid(option, expected, value)
}

function hostOf(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid('health.host', 'the name or the address of this host', value)
}

function detailsOf(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw invalid('health.details', "true, false or 'errors'", value)
}
