import type { IncomingMessage, ServerResponse } from 'node:http'
import type { preParsingHookHandler } from 'fastify'
import { type Exchange, findExchange, noteReply } from '../connections/exchange.ts'
import type { Parked } from '../connections/parked.ts'
import { letContinue } from '../connections/servers.ts'
import { publish } from '../telemetry/publish.ts'
import type { Rejections } from './rejection.ts'
import { isServedWhileDraining } from './route.ts'

/** Decides whether a request may pass a closed gate, and is notified of each decision. */
export interface Guard {
  isAdmitted(exchange: Exchange | undefined, request: IncomingMessage): boolean
  onDecided(exchange: Exchange): void
}

/**
 * Answers requests that arrive during the drain with 503.
 *
 * The gate is a `preParsing` hook, which runs after the `onRequest` hooks of all plugins. So the answer has CORS and
 * security headers, whichever plugin was registered first.
 */
export class Gate {
  rejected = 0
  readonly #rejections: Rejections
  readonly #parked: Parked
  readonly #adopt: (response: ServerResponse, request: IncomingMessage) => Exchange | undefined
  #guard: Guard | undefined

  /**
   * `parked` decides when a rejection is sent. `adopt` begins an exchange for a request that came from another
   * server.
   */
  constructor(
    rejections: Rejections,
    parked: Parked,
    adopt: (response: ServerResponse, request: IncomingMessage) => Exchange | undefined
  ) {
    this.#adopt = adopt
    this.#rejections = rejections
    this.#parked = parked
  }

  /** From now on, only two kinds of requests pass: those that `guard` admits, and those that are always served. */
  close(guard: Guard): void {
    this.#guard = guard
  }

  readonly hook: preParsingHookHandler = (request, reply, _payload, done) => {
    const exchange = findExchange(reply.raw) ?? this.#adopt(reply.raw, request.raw)
    if (exchange !== undefined) {
      noteReply(exchange, reply)
      // The request follows the last response of its connection, or was cut. It must not be processed, and gets no
      // answer.
      if (exchange.fate !== undefined) return
    }
    if (this.#guard === undefined) {
      if (this.#parked.isParking && endsItsConnection(request.raw, reply.raw)) this.#parked.postpone(done)
      else done()
      return
    }
    const passes = this.#guard.isAdmitted(exchange, request.raw) || isServedWhileDraining(request)
    if (!passes && exchange !== undefined) exchange.fate = 'rejected'
    if (exchange !== undefined) this.#guard.onDecided(exchange)
    if (passes) {
      letContinue(reply.raw)
      done()
      return
    }
    this.rejected++
    publish('fastify-lifecycle:rejected', () => ({ fastify: request.server, request }))
    // `done` is not called, so Fastify knows that this hook answers.
    this.#parked.postpone(() => this.#rejections.answer(reply))
  }
}

/** Whether the client needs a new connection for its next request. */
function endsItsConnection({ httpVersion, headers }: IncomingMessage, response: ServerResponse): boolean {
  const { connection = httpVersion === '1.0' ? 'close' : '' } = headers
  return /\bclose\b/i.test(connection) || response.getHeader('connection') === 'close'
}
