import type { FastifyInstance } from 'fastify'
import { FST_LIFECYCLE_PROBE_DUPLICATE } from '../errors.ts'
import type { Probe } from './check.ts'
import type { HealthSettings } from './options.ts'

/** How the app's router reads a path. */
export interface RouterSettings {
  readonly ignoreTrailingSlash?: boolean
  readonly ignoreDuplicateSlashes?: boolean
  readonly caseSensitive?: boolean
  readonly useSemicolonDelimiter?: boolean
}

/**
 * The settings of the app's router. They may be given in two places. If the two places differ, the setting
 * counts that makes more paths belong to a probe.
 */
export function routerOf({ initialConfig }: Pick<FastifyInstance, 'initialConfig'>): RouterSettings {
  const { routerOptions = {}, ...own } = initialConfig as RouterSettings & { routerOptions?: RouterSettings }
  const isOn = (name: keyof RouterSettings) => own[name] === true || routerOptions[name] === true
  return {
    ignoreTrailingSlash: isOn('ignoreTrailingSlash'),
    ignoreDuplicateSlashes: isOn('ignoreDuplicateSlashes'),
    useSemicolonDelimiter: isOn('useSemicolonDelimiter'),
    caseSensitive: own.caseSensitive !== false && routerOptions.caseSensitive !== false
  }
}

/** The scheme and host of an absolute URL, which clients send to a proxy. */
const origin = /^https?:\/\/[^/?#]*/i

/**
 * Finds the probe that a URL belongs to. It reads the URL as the app's router does, so no spelling of a probe's
 * path reaches the app's hooks.
 */
export class ProbePaths {
  /** The paths as they were given. */
  readonly given: readonly (readonly [path: string, probe: Probe])[]
  readonly #probes = new Map<string, Probe>()
  readonly #router: RouterSettings
  readonly #end: RegExp
  /** Whether the router accepts several spellings of a path, even if the path has only plain characters. */
  readonly #hasSpellings: boolean

  constructor({ live, ready, startup }: Pick<HealthSettings, Probe>, router: RouterSettings) {
    const { useSemicolonDelimiter, ignoreTrailingSlash, ignoreDuplicateSlashes, caseSensitive } = router
    this.#router = router
    this.#end = useSemicolonDelimiter ? /[?#;]/ : /[?#]/
    this.#hasSpellings = Boolean(ignoreTrailingSlash || ignoreDuplicateSlashes) || caseSensitive === false
    const paths = Object.entries({ live, ready, startup }) as [Probe, string | false][]
    this.given = paths.flatMap(([probe, path]) => (path === false ? [] : [[path, probe] as const]))
    for (const [path, probe] of this.given) {
      const taken = this.of(path)
      if (taken !== undefined) {
        throw new FST_LIFECYCLE_PROBE_DUPLICATE(`health.${taken}`, `health.${probe}`, path)
      }
      this.#probes.set(this.#read(path), probe)
    }
  }

  /** The probe that a URL, or the pattern of a route, belongs to. */
  of(url: string): Probe | undefined {
    const end = url.search(this.#end)
    const path = end === -1 ? url : url.slice(0, end)
    const probe = this.#probes.get(path)
    if (probe !== undefined) return probe
    return this.#hasSpellings || !path.startsWith('/') || path.includes('%')
      ? this.#probes.get(this.#read(path))
      : undefined
  }

  #read(path: string): string {
    const { ignoreDuplicateSlashes, ignoreTrailingSlash, caseSensitive } = this.#router
    let read = decoded(path.replace(origin, ''))
    if (ignoreDuplicateSlashes) read = read.replace(/\/{2,}/g, '/')
    if (ignoreTrailingSlash && read.length > 1 && read.endsWith('/')) read = read.slice(0, -1)
    return caseSensitive === false ? read.toLowerCase() : read
  }
}

/** Decodes a path. A path that cannot be decoded stays as it is; Fastify answers it with 400. */
function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}
