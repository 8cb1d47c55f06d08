import type { FastifyInstance, onRouteHookHandler } from 'fastify'
import { FST_LIFECYCLE_PROBE_CLASH } from '../errors.ts'
import type { Probe } from './check.ts'
import { bodyFor, probePaths } from './front.ts'
import type { Health } from './health.ts'
import type { HealthSettings } from './options.ts'

/**
 * The probes as routes of the app. Over the network the front answers before them; they are here
 * for `inject`, for `printRoutes`, for OpenAPI, and for a URL that the app rewrites.
 */
export function addProbes(
  app: FastifyInstance,
  health: Health,
  settings: HealthSettings,
  onRoute: (hook: onRouteHookHandler) => void
): void {
  const paths = probePaths(settings)
  const guard = guardPaths(app, paths, onRoute)
  guard.allow(() => {
    for (const [url, probe] of paths) addProbe(app, health, settings, { url, probe })
  })
}

const summaries: Readonly<Record<Probe, string>> = {
  live: 'Whether the process lives: if not, it should be restarted',
  ready: 'Whether it wants traffic',
  startup: 'Whether it has started'
}

function addProbe(
  app: FastifyInstance,
  health: Health,
  { logLevel, openapi }: HealthSettings,
  { url, probe }: { url: string; probe: Probe }
): void {
  // Known to @fastify/swagger, which alone reads them.
  const schema: object = openapi ? { summary: summaries[probe], tags: ['health'] } : { hide: true }
  app.route({
    method: 'GET',
    url,
    schema,
    logLevel,
    config: { lifecycle: { whileDraining: 'serve' } },
    handler: async (request, reply) => {
      const answer = await health.answer(probe)
      const { type, text } = bodyFor(request.headers.accept, answer)
      reply.code(answer.status).type(type).header('cache-control', 'no-store')
      return text
    }
  })
}

/** A clash with a route of the app is said in our words, whichever of the two was first. */
function guardPaths(
  app: FastifyInstance,
  probes: ReadonlyMap<string, Probe>,
  onRoute: (hook: onRouteHookHandler) => void
): { allow(add: () => void): void } {
  let adding = false
  const check = (url: string) => {
    const probe = probes.get(url)
    if (probe !== undefined) throw new FST_LIFECYCLE_PROBE_CLASH(url, `health.${probe}`)
  }
  for (const path of probes.keys()) if (app.hasRoute({ method: 'GET', url: path })) check(path)
  onRoute(({ method, url }) => {
    if (!adding && [method].flat().includes('GET')) check(url)
  })
  return {
    allow(add) {
      adding = true
      add()
      adding = false
    }
  }
}
