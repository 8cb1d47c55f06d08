import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest, preParsingHookHandler } from 'fastify'
import { FST_LIFECYCLE_DRAINING } from './errors.ts'
import { type Exchange, findExchange } from './in-flight.ts'
import type { Settings } from './options.ts'
import { letContinue } from './servers.ts'
import { publish } from './telemetry.ts'

/**
 * Answers requests that arrive during the drain with 503.
 *
 * It stands in `preParsing`, the first hook after every plugin's `onRequest`, so that the answer
 * carries CORS and security headers whichever plugin was registered first.
 */
export class Gate {
  rejected = 0
  readonly #retryAfter: Settings['retryAfter']
  #isAdmitted: ((exchange: Exchange | undefined, request: IncomingMessage) => boolean) | undefined
  #parked: (() => void)[] | undefined

  constructor(retryAfter: Settings['retryAfter']) {
    this.#retryAfter = retryAfter
  }

  /** From now on only requests that were admitted before pass, and those that are always served. */
  close(isAdmitted: (exchange: Exchange | undefined, request: IncomingMessage) => boolean): void {
    this.#isAdmitted = isAdmitted
  }

  /**
   * Holds rejections back until `release`. A client that sends one request after another then
   * waits for its answer, and none is about to connect while the listener is being closed.
   */
  park(): void {
    this.#parked = []
  }

  release(): void {
    const parked = this.#parked ?? []
    this.#parked = undefined
    for (const reject of parked) reject()
  }

  /** Rejects now, or at the `release`. */
  readonly hold = (reject: () => void): void => {
    if (this.#parked === undefined) reject()
    else this.#parked.push(reject)
  }

  readonly hook: preParsingHookHandler = (request, reply, _payload, done) => {
    const exchange = findExchange(reply.raw)
    if (exchange !== undefined) {
      exchange.reply = reply
      // Behind a response that was the connection's last, or cut: it must not be processed, and is not answered.
      if (exchange.fate !== undefined) return
    }
    if (this.#isAdmitted === undefined) {
      done()
      return
    }
    if (this.#isAdmitted(exchange, request.raw) || isServedWhileDraining(request)) {
      letContinue(reply.raw)
      done()
      return
    }
    if (exchange !== undefined) exchange.fate = 'rejected'
    this.rejected++
    publish('fastify-lifecycle:rejected', () => ({ fastify: request.server, request }))
    this.hold(() => done(turnAway(reply, this.#retryAfter)))
  }
}

export function isServedWhileDraining(request: FastifyRequest): boolean {
  return request.routeOptions.config.lifecycle?.whileDraining === 'serve'
}

/** Prepares a reply for the error that a request is turned away with, and returns that error. */
export function turnAway(reply: FastifyReply, retryAfter: Settings['retryAfter']): Error {
  if (retryAfter !== false) reply.header('retry-after', randomWithin(retryAfter))
  if (reply.request.raw.httpVersionMajor === 1) reply.header('connection', 'close')
  logQuietly(reply.request, reply)
  return new FST_LIFECYCLE_DRAINING()
}

function randomWithin([min, max]: readonly [number, number]): number {
  return min + Math.floor(Math.random() * (max - min + 1))
}

/**
 * Fastify logs every 5xx as an error. A rejection during a drain is expected, and a page of
 * errors at each deployment would hide real ones: so this request's errors are logged as `info`.
 */
function logQuietly(request: FastifyRequest, reply: FastifyReply): void {
  request.log = reply.log = new Proxy(request.log, {
    get(log, name) {
      const value: unknown = Reflect.get(log, name === 'error' ? 'info' : name, log)
      // Bound, because a logger may have private fields.
      return typeof value === 'function' ? value.bind(log) : value
    }
  })
}
