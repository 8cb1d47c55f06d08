import { longest, shorten, shown } from '../bounds.ts'
import type { Exchange } from '../connections/exchange.ts'
import { textOf } from '../report/error-report.ts'
import type { CutRequest } from '../report/report.ts'
import { now } from '../time/clock.ts'

/** An exchange or an upgrade whose Fastify request is not known. */
export type Describable = Pick<Exchange, 'request' | 'since'> & Partial<Pick<Exchange, 'reply'>>

/** A request in flight, for the report. Nothing else of a request gets into a log or a report. */
export function describeExchange({ request, reply, since }: Describable): CutRequest {
  return {
    id: reply === undefined ? null : shorten(shown(textOf(reply.request.id)), longest.id),
    method: shorten(shown(String(request.method)), longest.method),
    route: shorten(reply?.request.routeOptions.url ?? pathOf(String(request.url)), longest.name),
    age: Math.round(now() - since)
  }
}

/**
 * The beginning of what follows a path, also if it is encoded: a query with any delimiter, a fragment or a matrix
 * parameter.
 */
const afterPath = /[?#;&=]|%(?:3f|23|3b|26|3d)/i

/**
 * What comes before the path in a whole URL: the scheme, the user, the password and the host. Or only the user and
 * the password.
 */
const beforePath = /^(?:[^/]*:)?\/\/[^/]*|^[^/]*@/

/** The path of a URL without parts that may be secret. */
function pathOf(url: string): string {
  const start = url.slice(0, longest.name * 6).replace(beforePath, '')
  const end = start.search(afterPath)
  return shown(end === -1 ? start : start.slice(0, end))
}
