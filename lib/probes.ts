import type { FastifyInstance, RouteOptions } from 'fastify'
import { FST_LIFECYCLE_PROBE_CLASH } from './errors.ts'
import type { Life } from './life.ts'

/** Adds the probes' routes: `/livez` says that the process lives, `/readyz` that it wants traffic. */
export function addProbes(life: Life): void {
  const { app, settings } = life
  const { live, ready } = settings.health
  const guard = guardPaths(app, { 'health.live': live, 'health.ready': ready })
  guard.allow(() => {
    if (live !== false) addProbe(life, live, () => true)
    if (ready !== false) addProbe(life, ready, () => life.readiness.answer())
  })
}

function addProbe({ app, settings, phases }: Life, url: string, isGood: () => boolean): void {
  app.route({
    method: 'GET',
    url,
    logLevel: settings.health.logLevel,
    config: { lifecycle: { whileDraining: 'serve' } },
    handler: async (_request, reply) => {
      const good = isGood()
      reply.code(good ? 200 : 503).header('cache-control', 'no-store')
      return { status: good ? 'ok' : 'unavailable', phase: phases.current }
    }
  })
}

/** A clash with a route of the app is said in our words, whichever of the two was first. */
function guardPaths(
  app: FastifyInstance,
  probes: Record<string, string | false>
): { allow(add: () => void): void } {
  let adding = false
  const check = (url: string) => {
    const option = Object.keys(probes).find((name) => probes[name] === url)
    if (option !== undefined) throw new FST_LIFECYCLE_PROBE_CLASH(url, option)
  }
  for (const path of Object.values(probes)) {
    if (path !== false && app.hasRoute({ method: 'GET', url: path })) check(path)
  }
  app.addHook('onRoute', ({ method, url }: RouteOptions) => {
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
