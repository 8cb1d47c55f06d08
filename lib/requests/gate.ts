import type { IncomingMessage, ServerResponse } from 'node:http'
import type { preParsingHookHandler } from 'fastify'
import { type Exchange, findExchange, noteReply } from '../connections/exchange.ts'
import type { Parked } from '../connections/parked.ts'
import { letContinue } from '../connections/servers.ts'
import { publish } from '../telemetry/publish.ts'
import type { Rejections } from './rejection.ts'
import { isServedWhileDraining } from './route.ts'

/** Whether a request may pass a closed gate, and who hears what the gate has decided. */
export interface Guard {
  isAdmitted(exchange: Exchange | undefined, request: IncomingMessage): boolean
  onDecided(exchange: Exchange): void
}

/**
 * Answers requests that arrive during the drain with 503.
 *
 * It stands in `preParsing`, the first hook after every plugin's `onRequest`, so that the answer
 * carries CORS and security headers whichever plugin was registered first.
 */
export class Gate {
  rejected = 0
  readonly #rejections: Rejections
  readonly #parked: Parked
  readonly #adopt: (response: ServerResponse, request: IncomingMessage) => Exchange | undefined
  #guard: Guard | undefined

  /** Rejections go out when `parked` lets them; `adopt` takes a request that no server of the app has got. */
  constructor(
    rejections: Rejections,
    parked: Parked,
    adopt: (response: ServerResponse, request: IncomingMessage) => Exchange | undefined
  ) {
    this.#adopt = adopt
    this.#rejections = rejections
    this.#parked = parked
  }

  /** From now on only requests pass that were in flight before, or that are always served. */
  close(guard: Guard): void {
    this.#guard = guard
  }

  readonly hook: preParsingHookHandler = (request, reply, _payload, done) => {
    const exchange = findExchange(reply.raw) ?? this.#adopt(reply.raw, request.raw)
    if (exchange !== undefined) {
      noteReply(exchange, reply)
      // Behind a response that was the connection's last, or cut: it must not be processed, and is not answered.
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
    // Without a call of `done`: for Fastify the hook has answered.
    this.#parked.postpone(() => this.#rejections.answer(reply))
  }
}

/** Whether the client needs a new connection for its next request. */
function endsItsConnection({ httpVersion, headers }: IncomingMessage, response: ServerResponse): boolean {
  const { connection = httpVersion === '1.0' ? 'close' : '' } = headers
  return /\bclose\b/i.test(connection) || response.getHeader('connection') === 'close'
}
