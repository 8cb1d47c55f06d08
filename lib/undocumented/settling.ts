import { type IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { ownSymbol, symbolOf } from '../undocumented.ts'

// If a client has left, finds out when the handler of its request is done. Fastify has no event for that, so we
// watch what Fastify does to the reply.

/** The fields that we add to a reply. */
interface NotedReply extends FastifyReply {
  /** The handler awaits or returns this reply. So the end of the handler does not tell when the response comes. */
  [isAwaited]?: true
  [isSending]?: boolean
  /** Whether the reply is hijacked. Fastify itself would store this in a field of the reply. */
  [isHijacked]?: unknown
  /** The function to call when the handler has settled. It is set when the client leaves. */
  [onSettled]?: Act
  /** The `send` of this reply, if other code has replaced it. */
  [ownSend]?: FastifyReply['send']
}

type Act = (reply: FastifyReply) => void

const isAwaited: unique symbol = Symbol('fastify-lifecycle.isAwaited')
const isSending: unique symbol = Symbol('fastify-lifecycle.isSending')
const isHijacked: unique symbol = Symbol('fastify-lifecycle.isHijacked')
const onSettled: unique symbol = Symbol('fastify-lifecycle.onSettled')
const ownSend: unique symbol = Symbol('fastify-lifecycle.ownSend')

/** Whether a handler begins to await its reply right now. */
let isAwaiting = false

/**
 * Marks replies that a handler awaits, for `watchSettling`. This is possible because Fastify's replies are
 * thenables. An awaited reply gets one more field; other replies cost nothing.
 */
export function noteAwaited(app: FastifyInstance): void {
  const { prototype } = (ownSymbol(app, 'fastify.Reply') ?? {}) as { prototype?: FastifyReply }
  if (typeof prototype?.then !== 'function') return
  const { then } = prototype
  app.decorateReply('then', function (this: FastifyReply, ...given: Parameters<typeof then>) {
    ;(this as NotedReply)[isAwaited] = true
    isAwaiting = true
    try {
      then.apply(this, given)
    } finally {
      isAwaiting = false
    }
  })
}

/**
 * Whether a listener that is added to a response shows that a stream is being sent. `pipe` and
 * `stream.finished` add such listeners. If the client has left, Fastify drops a web stream and does not end the
 * response, but it calls `stream.finished` before. Fastify also calls `stream.finished` when a handler awaits
 * its reply; `isAwaiting` excludes that case.
 */
export function isListenerOfStream(event: string | symbol, listener: unknown): boolean {
  return event === 'unpipe' || (event === 'error' && !isAwaiting && isOfFinished(listener))
}

let known: { readonly listener: unknown; readonly text: string } | undefined

/**
 * Whether `stream.finished` has added this listener. It adds a new function to each stream, but all these
 * functions have the same text. Since Node.js 24, it adds the same single function to all closed streams.
 */
function isOfFinished(listener: unknown): boolean {
  known ??= { listener: listenerOfFinished(true), text: String(listenerOfFinished(false)) }
  return listener === known.listener || String(listener) === known.text
}

function listenerOfFinished(isClosed: boolean): unknown {
  const nobodys = Object.assign(new ServerResponse({ method: 'GET' } as IncomingMessage), {
    _closed: isClosed
  })
  finished(nobodys, () => {})
  return nobodys.listeners('error')[0]
}

/**
 * Makes it possible to watch the app's replies with `watchSettling`. When a handler has settled and sends
 * nothing, Fastify reads the field that says whether the reply is hijacked. So we give Fastify's replies an
 * accessor for that field. `reply.sent` also reads the field, so it gets its own getter.
 *
 * Thousands of clients may leave at once. So the accessor is on the prototype of the replies, and no single
 * reply has to be changed. Before a client leaves, the accessor only passes the value on.
 */
export function makeWatchable(app: FastifyInstance): void {
  const { prototype } = (ownSymbol(app, 'fastify.Reply') ?? {}) as { prototype?: FastifyReply }
  const field = typeof prototype?.hijack === 'function' ? hijackedField(prototype) : undefined
  if (field === undefined) return
  app.decorateReply<unknown>(field, {
    getter(this: NotedReply) {
      if (this[onSettled] !== undefined) queueMicrotask(() => settled(this))
      return this[isHijacked]
    },
    setter(this: NotedReply, value: unknown) {
      this[isHijacked] = value
    }
  })
  app.decorateReply<boolean>('sent', {
    getter(this: NotedReply) {
      return (this[isHijacked] || this.raw.writableEnded) === true
    }
  })
}

/**
 * Watches a reply whose client has left. Calls `act` when the handler has settled and sends no response. `act`
 * may be called more than once.
 */
export function watchSettling(reply: NotedReply, act: Act): void {
  reply[onSettled] = act
  if (reply.send === watchedSend) return
  if (Object.hasOwn(reply, 'send')) reply[ownSend] = reply.send
  reply.send = watchedSend
}

/** An error is not the response yet: the error handler sends the response. */
function watchedSend(this: NotedReply, payload?: unknown): FastifyReply {
  this[isSending] = !(payload instanceof Error || ownSymbol(this, 'fastify.reply.isError') === true)
  const send = this[ownSend] ?? (Object.getPrototypeOf(this) as FastifyReply).send
  return send.call(this, payload)
}

function settled(reply: NotedReply): void {
  if (reply[isSending] !== true && reply[isAwaited] !== true) reply[onSettled]?.(reply)
}

/**
 * Finds the symbol of the field by hijacking an object that belongs to no request. A real reply may not have
 * the field before it is hijacked.
 */
function hijackedField({ hijack }: FastifyReply): symbol | undefined {
  const nobodys = { request: {}, raw: {} }
  try {
    hijack.call(nobodys as never)
  } catch {
    // `hijack` sets the field before it throws.
  }
  return symbolOf(nobodys, 'fastify.reply.hijacked')
}
