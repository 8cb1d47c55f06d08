import { type IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { ownSymbol, symbolOf } from '../undocumented.ts'

// When a handler whose client has gone is done. Fastify tells nobody, so we see it by what Fastify does to the reply.

/** What is noted on a reply. */
interface NotedReply extends FastifyReply {
  /** Its handler awaits or returns it: it answers later, whenever it settles. */
  [isAwaited]?: true
  [settling]: Settling
}

/** The end of a handler whose client has gone, as far as Fastify shows it. */
interface Settling {
  readonly act: (reply: FastifyReply) => void
  readonly send: FastifyReply['send']
  isHijacked: unknown
  isSending: boolean
}

const isAwaited: unique symbol = Symbol('fastify-lifecycle.isAwaited')
const settling: unique symbol = Symbol('fastify-lifecycle.settling')

/** Whether a handler begins to await its reply in this very moment. */
let isAwaiting = false

/**
 * Takes note of replies that are awaited, for `onceSettled`: Fastify's replies are thenables. A reply that nobody
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
 * Calls back when a handler has settled and sends nothing, as Fastify has it where the client is gone. The field
 * that says whether a reply is hijacked is what Fastify looks at just then; `reply.sent` looks there, too.
 */
export function onceSettled(reply: FastifyReply, act: (reply: FastifyReply) => void): void {
  const field = hijackedField(reply)
  if (field === undefined) return
  const { send } = reply
  ;(reply as NotedReply)[settling] = { act, send, isHijacked: Reflect.get(reply, field), isSending: false }
  // In this order, and the same functions for all: a crowd may leave at once, and V8 is slow after the last step.
  reply.send = watchedSend
  Object.defineProperty(reply, 'sent', watchedSent)
  Object.defineProperty(reply, field, watchedField)
}

function watchedSend(this: FastifyReply, payload: unknown): FastifyReply {
  const { [settling]: state } = this as NotedReply
  // An error is not the answer yet: the error handler gives it.
  state.isSending = !(payload instanceof Error || ownSymbol(this, 'fastify.reply.isError') === true)
  return state.send.call(this, payload)
}

const watchedSent: PropertyDescriptor & ThisType<NotedReply> = {
  get() {
    return (this[settling].isHijacked || this.raw.writableEnded) === true
  }
}

const watchedField: PropertyDescriptor & ThisType<NotedReply> = {
  get() {
    queueMicrotask(() => {
      if (!this[settling].isSending && this[isAwaited] !== true) this[settling].act(this)
    })
    return this[settling].isHijacked
  },
  set(value) {
    this[settling].isHijacked = value
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
