import type { FastifyBaseLogger } from 'fastify'
import { attempt } from '../validation/read.ts'

/**
 * - `'pino'`: `log.info(fields, text)`, and a serializer for errors
 * - `'winston'`: `log.info(fields)`, with the text among the fields
 * - `'other'`: like `'pino'`, but an error must be a plain object
 */
export type LoggerKind = 'pino' | 'winston' | 'other'

/** The symbol for pino's serializers. pino documents it as `pino.symbols.serializersSym`. */
const serializers = Symbol.for('pino.serializers')

export function loggerKindOf(log: FastifyBaseLogger): LoggerKind {
  if (attempt(() => Reflect.get(log, serializers) !== undefined, false)) return 'pino'
  return transportsOf(log) === undefined ? 'other' : 'winston'
}

/** The transports that a winston logger writes to. */
export function transportsOf(log: FastifyBaseLogger): readonly object[] | undefined {
  const transports: unknown = attempt(() => Reflect.get(log, 'transports'), undefined)
  return Array.isArray(transports) ? transports : undefined
}
