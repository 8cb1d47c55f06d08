import { type IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { ownSymbol, symbolOf } from '../undocumented.ts'

// When a handler whose client has gone is done. Fastify tells nobody, so we see it by what Fastify does to the reply.

/** What is noted on a reply. */
interface NotedReply extends FastifyReply {
  /** Its handler awaits or returns it: it answers later, whenever it settles. */
  [isAwaited]?: true
  [isSending]?: boolean
  [isHijacked]?: unknown
}

type Act = (reply: FastifyReply) => void

const isAwaited: unique symbol = Symbol('fastify-lifecycle.isAwaited')
const isSending: unique symbol = Symbol('fastify-lifecycle.isSending')
const isHijacked: unique symbol = Symbol('fastify-lifecycle.isHijacked')

/** Whether a handler begins to await its reply in this very moment. */
let isAwaiting = false

/**
 * Takes note of replies that are awaited, for `settlingWatch`: Fastify's replies are thenables. A reply that nobody
 * awaits costs nothing, and one that somebody awaits gets one more field.
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
 * Whether somebody sends a stream who adds this listener to a response: `pipe` does so, and `stream.finished`.
 * Fastify drops a web stream whose client has gone, and ends no response, but calls `stream.finished` before. It
 * does so for a reply that is awaited, too.
 */
export function isListenerOfStream(event: string | symbol, listener: unknown): boolean {
  return event === 'unpipe' || (event === 'error' && !isAwaiting && isOfFinished(listener))
}

let known: { readonly listener: unknown; readonly text: string } | undefined

/**
 * `stream.finished` adds a new function to each stream, whose text is the same. Since Node.js 24 it adds one and the
 * same function to all that have closed.
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
 * Makes a function that watches a reply. `act` is called when its handler has settled and sends nothing, as Fastify
 * has it where the client is gone. The field that says whether a reply is hijacked is what Fastify looks at just then;
 * `reply.sent` looks there, too.
 *
 * A crowd may leave at once. So a reply gets another prototype, which all replies share, and no field of its own.
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

/** What is on the reply itself would hide what its prototype has. */
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
        // An error is not the answer yet: the error handler gives it.
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

/** By the method that sets it. Each copy of Fastify has its own. */
const hijackedFields = new WeakMap<FastifyReply['hijack'], symbol | undefined>()

/** The field may have no value before a reply is hijacked, so another one is, which is nobody's. */
function hijackedField({ hijack }: FastifyReply): symbol | undefined {
  if (hijackedFields.has(hijack)) return hijackedFields.get(hijack)
  const nobodys = { request: {}, raw: {} }
  try {
    hijack.call(nobodys as never)
  } catch {
    // The field is set first.
  }
  const field = symbolOf(nobodys, 'fastify.reply.hijacked')
  hijackedFields.set(hijack, field)
  return field
}
