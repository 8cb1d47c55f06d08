import type { LogLevel } from 'fastify'
import { oneOf } from './validate.ts'

const logLevels: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

export function aLogLevel(path: string, value: unknown): LogLevel {
  return oneOf(path, value as LogLevel, logLevels)
}
