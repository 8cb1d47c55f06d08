import type { FastifyRequest, RouteOptions } from 'fastify'
import { longest, shorten, shown } from '../bounds.ts'
import type { Exchange } from '../connections/exchange.ts'
import { logFailedLongLived } from '../telemetry/log.ts'
import { guarded } from '../time/apart.ts'
import { isThenable } from '../time/within.ts'
import { aBoolean, invalid, oneOf, onlyKeys } from '../validation/validate.ts'

/** The options of a route, in `config.lifecycle`. */
export interface RouteLifecycle {
  /**
   * The answer to a request that arrives during the drain: a 503 (`'reject'`), or the handler's answer
   * (`'serve'`). The drain does not wait for requests that are served in this way.
   *
   * @default 'reject'
   * @example
   * ```ts
   * app.get('/metrics', { config: { lifecycle: { whileDraining: 'serve' } } }, handler)
   * ```
   */
  whileDraining?: 'serve' | 'reject' | undefined

  /**
   * Whether the route's responses go on until someone ends them: server-sent events, a tail, a long poll. When the
   * drain begins, such responses are ended as complete responses. A response that has not begun by then becomes a
   * 503.
   *
   * A function decides for each request, because some routes answer both endless streams and finite requests.
   *
   * @default false
   * @example
   * ```ts
   * app.get('/events', { config: { lifecycle: { longLived: true } } }, handler)
   * app.all('/mcp', { config: { lifecycle: { longLived: ({ method }) => method === 'GET' } } }, handler)
   * ```
   */
  longLived?: boolean | ((request: FastifyRequest) => boolean) | undefined
}

/** Checks `config.lifecycle` of a route when the route is added, not when its first request comes. */
export function checkRouteConfig({ url, config }: RouteOptions): void {
  const given = (config as { lifecycle?: unknown } | undefined)?.lifecycle
  if (given === undefined) return
  const path = `config.lifecycle of ${url}`
  const { whileDraining, longLived } = onlyKeys(path, given, ['whileDraining', 'longLived'])
  if (whileDraining !== undefined) oneOf(`${path}.whileDraining`, whileDraining, ['serve', 'reject'])
  if (longLived !== undefined && typeof longLived !== 'function') aBoolean(`${path}.longLived`, longLived)
}

/** Whether the route answers until the end of the process, even in the drain. */
export function isServedWhileDraining(request: FastifyRequest): boolean {
  return configOf(request)?.whileDraining === 'serve'
}

/**
 * Whether an exchange belongs to a route with `whileDraining: 'serve'`. The drain does not wait for it, and its end
 * does not count as a cut.
 */
export function isServedToTheEnd({ reply }: Pick<Exchange, 'reply'>): boolean {
  return reply !== undefined && isServedWhileDraining(reply.request)
}

/** The routes whose function `longLived` has failed. The log names each of these routes once. */
const failing = new WeakSet<RouteLifecycle>()

/**
 * Whether the response to this request is ended when the drain begins. If the function `longLived` fails, the
 * response is not ended.
 */
export function isLongLivedRoute(request: FastifyRequest): boolean {
  const config = configOf(request)
  if (typeof config?.longLived !== 'function') return config?.longLived === true
  const { longLived } = config
  const failed = (error: unknown) => {
    if (failing.has(config)) return
    failing.add(config)
    const route = shorten(shown(`${request.routeOptions.url}`), longest.name)
    logFailedLongLived(request.server.log, route, error)
  }
  const answer: unknown = guarded(() => longLived(request), failed)
  if (isThenable(answer)) failed(invalid('longLived', 'a function that returns a boolean', answer))
  return answer === true
}

function configOf(request: FastifyRequest): RouteLifecycle | undefined {
  return (request.routeOptions.config as { lifecycle?: RouteLifecycle }).lifecycle
}
