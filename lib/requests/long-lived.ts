import { Readable } from 'node:stream'
import type { onSendHookHandler, RouteOptions } from 'fastify'
import { type Exchange, findExchange, hasBegun } from '../connections/exchange.ts'
import type { Rejections } from './rejection.ts'
import { isLongLivedRoute } from './route.ts'

/** Whether the response is to be ended when the drain begins, not waited for. A request is asked about once. */
export function isLongLived(exchange: Exchange): boolean {
  if (exchange.reply === undefined) return false
  exchange.isLongLived ??= isLongLivedRoute(exchange.reply.request)
  return exchange.isLongLived
}

/** Takes note of the streams that the responses of a `longLived` route are made from, before others wrap them. */
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
 * Ends a response that would go on for ever: server-sent events, a tail, a long poll. A response that has
 * begun gets its proper end; one that has not is answered as a request that came too late.
 */
export function endLongLived({ response, reply, source }: Exchange, rejections: Rejections): void {
  if (response.writableEnded) return
  if (source !== undefined) endSource(source)
  else if (hasBegun(response) || reply === undefined || reply.sent) {
    // Its handler may not know yet, and write on until the connection has closed.
    response.on('error', () => {})
    response.end()
  } else rejections.answer(reply)
}

/** Where the response is made from a stream, its end passes through all that stands in between, such as gzip. */
function endSource(source: Readable): void {
  source.on('error', () => {})
  if ('end' in source && typeof source.end === 'function') source.end()
  else source.push(null)
}
