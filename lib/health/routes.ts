import { Socket } from 'node:net'
import type { FastifyInstance, FastifyRequest, onRouteHookHandler, RouteHandler } from 'fastify'
import { findExchange } from '../connections/exchange.ts'
import { FST_LIFECYCLE_PROBE_CLASH } from '../errors.ts'
import { routesOf } from '../undocumented.ts'
import type { Probe } from './check.ts'
import type { Health } from './health.ts'
import type { HealthSettings } from './options.ts'
import type { ProbePaths } from './probe-paths.ts'
import { bodyFor } from './probe-responder.ts'
import { itself, senderOf } from './probers.ts'
import { plain, type Question, withQuery } from './question.ts'

/**
 * Adds the probes as routes of the app. The probe responder answers requests from the network before they reach
 * these routes. The routes exist for `inject`, `printRoutes` and OpenAPI.
 */
export function addProbes(
  app: FastifyInstance,
  health: Health,
  settings: HealthSettings,
  paths: ProbePaths,
  onRoute: (hook: onRouteHookHandler) => void
): void {
  // A flag marks our own routes. We cannot recognize them by their handlers, because a plugin may wrap each
  // handler, as @fastify/websocket does.
  let isAdding = false
  refuseClashes(app, paths, () => isAdding, onRoute)
  isAdding = true
  for (const [url, probe] of paths.given) {
    const handler = handlerOf(health, probe, ({ originalUrl }) => paths.of(originalUrl) !== undefined)
    addProbe(app, settings, { url, probe, handler })
    // Below the path `/` are all routes of the app, so `/:check` would take their requests.
    if (health.hasDetails && url !== '/') addProbe(app, settings, { url: `${url}/:check`, probe, handler })
  }
  isAdding = false
}

const summaries: Readonly<Record<Probe, string>> = {
  live: 'Whether the process lives: if not, it should be restarted',
  ready: 'Whether it wants traffic',
  startup: 'Whether it has started'
}

function addProbe(
  app: FastifyInstance,
  { logLevel, openapi }: HealthSettings,
  { url, probe, handler }: { url: string; probe: Probe; handler: RouteHandler }
): void {
  // Only @fastify/swagger reads these fields.
  const schema: object = openapi ? { summary: summaries[probe], tags: ['health'] } : { hide: true }
  app.route({
    method: 'GET',
    url,
    schema,
    logLevel,
    config: { lifecycle: { whileDraining: 'serve' } },
    handler
  })
}

/**
 * The handler of a probe's route. If the app rewrites a URL to this path, the responder has not answered the
 * request, and the app's hooks have run. So the request does not count as a probe.
 */
function handlerOf(
  health: Health,
  probe: Probe,
  isProbe: (request: FastifyRequest) => boolean
): RouteHandler {
  return async (request, reply) => {
    const question = questionIn(request, health, probe)
    const isRewritten = findExchange(reply.raw) !== undefined && !isProbe(request)
    if (question === undefined || isRewritten) return reply.callNotFound()
    const answer = await health.answer(question, sender(request))
    const { type, text } = bodyFor(request.headers.accept, question, answer)
    reply.code(answer.status).type(type).header('cache-control', 'no-store')
    return text
  }
}

/** Reads the question from the route's parameters, because an injected request may have another URL. */
function questionIn(request: FastifyRequest, health: Health, probe: Probe): Question | undefined {
  if (!health.hasDetails) return plain(probe)
  const { check } = request.params as { check?: string }
  if (check !== undefined && !health.checks.has(probe, check)) return undefined
  return withQuery({ ...plain(probe), check }, String(request.raw.url))
}

/** An injected request has no socket. */
function sender({ raw }: FastifyRequest): string | undefined {
  return raw.socket instanceof Socket ? senderOf(raw) : itself
}

/**
 * Throws our own error if the app has a route on the path of a probe. It does not matter whether the route or
 * the probe was first, or what constraints the route has.
 */
function refuseClashes(
  app: FastifyInstance,
  paths: ProbePaths,
  isOurs: () => boolean,
  onRoute: (hook: onRouteHookHandler) => void
): void {
  const check = (url: string) => {
    const probe = paths.of(url)
    if (probe !== undefined) throw new FST_LIFECYCLE_PROBE_CLASH(url, `health.${probe}`)
  }
  for (const method of ['GET', 'HEAD'] as const) for (const url of routesOf(app, method)) check(url)
  onRoute(({ method, url }) => {
    if (!isOurs() && [method].flat().some((each) => each === 'GET' || each === 'HEAD')) check(url)
  })
}
