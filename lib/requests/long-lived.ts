import { Readable } from 'node:stream'
import type { onSendHookHandler, RouteOptions } from 'fastify'
import { type Exchange, findExchange, hasBegun } from '../connections/exchange.ts'
import type { Rejections } from './rejection.ts'
import { isLongLivedRoute } from './route.ts'

/**
 * Whether the drain ends this response at its beginning, and does not wait for it. The route is asked only once for
 * each request.
 */
export function isLongLived(exchange: Exchange): boolean {
  if (exchange.reply === undefined) return false
  exchange.isLongLived ??= isLongLivedRoute(exchange.reply.request)
  return exchange.isLongLived
}

/** Remembers the stream that a response of a `longLived` route is made from, before other plugins wrap the stream. */
export function noteSources(route: RouteOptions): void {
  const { lifecycle } = (route.config ?? {}) as { lifecycle?: { longLived?: unknown } }
  if (!lifecycle?.longLived) return
  route.onSend = [noteSource, ...[route.onSend ?? []].flat()]
}

const noteSource: onSendHookHandler = (_request, reply, payload, done) => {
  const exchange = findExchange(reply.raw)
  if (exchange !== undefined && payload instanceof Readable) exchange.source = payload
  done(null, payload)
}

/**
 * Ends a response that would go on for ever: server-sent events, a tail, a long poll. A response that has begun is
 * ended as if it were complete. A response that has not begun becomes a 503.
 */
export function endLongLived({ response, reply, source }: Exchange, rejections: Rejections): void {
  if (response.writableEnded) return
  if (source !== undefined) endSource(source)
  else if (hasBegun(response) || reply === undefined || reply.sent) {
    // The handler may not have noticed the end, and may still write until the connection has closed.
    response.on('error', () => {})
    response.end()
  } else rejections.answer(reply)
}

/** Ends the stream that the response is made from. So the end passes through all streams in between, such as gzip. */
function endSource(source: Readable): void {
  source.on('error', () => {})
  if ('end' in source && typeof source.end === 'function') source.end()
  else source.push(null)
}
