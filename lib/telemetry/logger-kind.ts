import type { FastifyBaseLogger } from 'fastify'
import { attempt } from '../validation/read.ts'

/**
 * - `'pino'`: `log.info(fields, text)`, and a serializer for errors
 * - `'winston'`: `log.info(fields)`, with the text among the fields
 * - `'other'`: as pino's, but an error must be an object that JSON can carry
 */
export type LoggerKind = 'pino' | 'winston' | 'other'

/** Pino's own name for its serializers, which its documentation gives as `pino.symbols.serializersSym`. */
const serializers = Symbol.for('pino.serializers')

export function loggerKindOf(log: FastifyBaseLogger): LoggerKind {
  if (attempt(() => Reflect.get(log, serializers) !== undefined, false)) return 'pino'
  return transportsOf(log) === undefined ? 'other' : 'winston'
}

/** What a logger of winston writes to. */
export function transportsOf(log: FastifyBaseLogger): readonly object[] | undefined {
  const transports: unknown = attempt(() => Reflect.get(log, 'transports'), undefined)
  return Array.isArray(transports) ? transports : undefined
}
