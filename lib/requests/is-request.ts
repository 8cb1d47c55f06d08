import type { FastifyRequest } from 'fastify'
import { attempt } from '../validation/read.ts'

/** Whether a value has the shape of a Fastify request. */
export function isFastifyRequest(value: unknown): value is FastifyRequest {
  return attempt(() => {
    const { raw } = value as FastifyRequest
    return typeof raw.url === 'string' && typeof raw.socket === 'object'
  }, false)
}
