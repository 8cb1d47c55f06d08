import * as fastify from 'fastify'
import type { RouterSettings } from '../../lib/health/probe-paths.ts'

// Options of Fastify that stand in another place, or have another name, in another version of it.

/** The options that set the router: `routerOptions` holds them in newer versions, and only there from 6 on. */
export function routedBy(router: RouterSettings): { readonly routerOptions: RouterSettings } {
  return { ...router, routerOptions: router }
}

/** The options that leave out Fastify's own lines about requests: a `LogController` does that from 5.10 on, and alone from 6 on. */
export const withoutRequestLines: object =
  'LogController' in fastify
    ? { logController: new fastify.LogController({ disableRequestLogging: true }) }
    : { disableRequestLogging: true }
