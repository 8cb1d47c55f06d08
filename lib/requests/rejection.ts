import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { FST_LIFECYCLE_DRAINING } from '../errors.ts'
import { logFailedRejection } from '../telemetry/log.ts'
import { guarded } from '../time/apart.ts'
import { isThenable } from '../time/within.ts'
import { invalid } from '../validation/validate.ts'
import { pickSeconds, type RetryAfter } from './retry-after.ts'

/** Makes the body of a 503 in the drain: an object, which is sent as JSON, or a string. */
export type RejectionBody = (request: FastifyRequest) => object | string

/** Checks the option `rejection`. */
export function rejectionOf(value: unknown): RejectionBody {
  if (typeof value === 'function') return value as RejectionBody
  throw invalid('rejection', 'a function that is given the request and returns the body of the 503', value)
}

/** The body that Fastify makes of an error. */
export function usualBody(): object {
  const { statusCode, code, message } = new FST_LIFECYCLE_DRAINING()
  return { statusCode, code, error: 'Service Unavailable', message }
}

/**
 * Answers requests with 503. That is an answer and no error. `onSend` hooks see it, but no error handler, no
 * `onError` hook and no error log does.
 */
export class Rejections {
  readonly #retryAfter: RetryAfter
  readonly #body: RejectionBody
  #hasFailed = false

  constructor(settings: { readonly retryAfter: RetryAfter; readonly rejection: RejectionBody }) {
    this.#retryAfter = settings.retryAfter
    this.#body = settings.rejection
  }

  answer(reply: FastifyReply): void {
    const { type, text } = this.#bodyFor(reply.request)
    if (this.#retryAfter !== false) reply.header('retry-after', pickSeconds(this.#retryAfter))
    if (reply.request.raw.httpVersionMajor === 1) reply.header('connection', 'close')
    reply.type(`${type}; charset=utf-8`)
    pinStatus(reply.raw, 503)
    // Sent as text, because the response schema of the route would drop unknown fields.
    reply.serializer(String).send(text)
  }

  /**
   * If the function of the option fails, the client still gets the usual body. The log names only the first failure.
   */
  #bodyFor(request: FastifyRequest): { readonly type: string; readonly text: string } {
    const failed = (error: unknown) => {
      if (!this.#hasFailed) logFailedRejection(request.server.log, error)
      this.#hasFailed = true
    }
    const body: unknown = guarded(() => this.#body(request), failed)
    if (typeof body === 'string') return { type: 'text/plain', text: body }
    const json = isThenable(body) ? undefined : guarded(() => JSON.stringify(body), failed)
    if (json?.startsWith('{')) return { type: 'application/json', text: json }
    failed(invalid('rejection', 'a function that returns an object or a string', body))
    return { type: 'application/json', text: JSON.stringify(usualBody()) }
  }
}

/** Keeps the status, whatever the app's hooks do. */
function pinStatus(response: ServerResponse, status: number): void {
  response.statusCode = status
  Object.defineProperty(response, 'statusCode', { get: () => status, set() {} })
}
