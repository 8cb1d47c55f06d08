import type { FastifyRequest } from 'fastify'
import { attempt } from '../validation/read.ts'

/** Whether this is a request of Fastify's, as far as its shape tells. */
export function isFastifyRequest(value: unknown): value is FastifyRequest {
  return attempt(() => {
    const { raw } = value as FastifyRequest
    return typeof raw.url === 'string' && typeof raw.socket === 'object'
  }, false)
}
