import { type IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { ownSymbol, symbolOf } from '../undocumented.ts'

// Finds out when a handler is done whose client has left. Fastify has no event for that, so we watch what
// Fastify does to the reply.

/** The fields that we add to a reply. */
interface NotedReply extends FastifyReply {
  /** The handler awaits or returns this reply. So the end of the handler does not tell when the response comes. */
  [isAwaited]?: true
  [isSending]?: boolean
  [isHijacked]?: unknown
}

type Act = (reply: FastifyReply) => void

const isAwaited: unique symbol = Symbol('fastify-lifecycle.isAwaited')
const isSending: unique symbol = Symbol('fastify-lifecycle.isSending')
const isHijacked: unique symbol = Symbol('fastify-lifecycle.isHijacked')

/** Whether a handler begins to await its reply right now. */
let isAwaiting = false

/**
 * Marks replies that a handler awaits, for `settlingWatch`. This is possible because Fastify's replies are
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
 * Makes a function that watches a reply. It calls `act` when the handler has settled and sends nothing, which
 * is what Fastify does if the client has left. At that moment, Fastify reads the field that says whether the
 * reply is hijacked, so we watch that field. `reply.sent` also reads the field, so it gets its own getter.
 *
 * Thousands of clients may leave at once. So a watched reply gets another prototype, which all watched replies
 * share, instead of fields of its own.
 */
export function settlingWatch(act: Act): (reply: FastifyReply) => void {
  const watched = new WeakMap<object, object>()
  return (reply) => {
    const field = hijackedField(reply)
    if (field === undefined) return
    const prototype = Object.getPrototypeOf(reply) as FastifyReply
    const others =
      watched.get(prototype) ?? Object.create(prototype, watchedMembers(field, prototype.send, act))
    watched.set(prototype, others)
    takeOver(reply, field, act)
    Reflect.setPrototypeOf(reply, others)
  }
}

/** Moves the reply's own members out of the way: they would hide the members of the new prototype. */
function takeOver(reply: NotedReply, field: symbol, act: Act): void {
  if (Object.hasOwn(reply, field)) {
    reply[isHijacked] = Reflect.get(reply, field)
    Reflect.deleteProperty(reply, field)
  }
  if (Object.hasOwn(reply, 'send')) {
    const { send } = watchedMembers(field, reply.send, act)
    Reflect.defineProperty(reply, 'send', send)
  }
}

function watchedMembers(
  field: symbol,
  send: FastifyReply['send'],
  act: Act
): Record<'send' | 'sent' | symbol, PropertyDescriptor & ThisType<NotedReply>> {
  return {
    send: {
      value(this: NotedReply, payload: unknown) {
        // An error is not the response yet: the error handler sends the response.
        this[isSending] = !(payload instanceof Error || ownSymbol(this, 'fastify.reply.isError') === true)
        return send.call(this, payload)
      },
      configurable: true,
      writable: true
    },
    sent: {
      get() {
        return (this[isHijacked] || this.raw.writableEnded) === true
      }
    },
    [field]: {
      get() {
        queueMicrotask(() => {
          if (this[isSending] !== true && this[isAwaited] !== true) act(this)
        })
        return this[isHijacked]
      },
      set(value) {
        this[isHijacked] = value
      }
    }
  }
}

/**
 * The field's symbol, by the `hijack` method that sets the field. Each copy of Fastify has its own method and
 * symbol.
 */
const hijackedFields = new WeakMap<FastifyReply['hijack'], symbol | undefined>()

/**
 * Finds the symbol of the field by hijacking an object that belongs to no request. A real reply may not have
 * the field before it is hijacked.
 */
function hijackedField({ hijack }: FastifyReply): symbol | undefined {
  if (hijackedFields.has(hijack)) return hijackedFields.get(hijack)
  const nobodys = { request: {}, raw: {} }
  try {
    hijack.call(nobodys as never)
  } catch {
    // `hijack` sets the field before it throws.
  }
  const field = symbolOf(nobodys, 'fastify.reply.hijacked')
  hijackedFields.set(hijack, field)
  return field
}
