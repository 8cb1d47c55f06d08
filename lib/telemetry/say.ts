import { writeSync } from 'node:fs'
import type { FastifyBaseLogger, LogLevel } from 'fastify'
import { longest, shorten, shown } from '../bounds.ts'
import { errorReportOf } from '../report/error-report.ts'
import { loggableError, plainError } from './loggable.ts'
import { type LoggerKind, loggerKindOf } from './logger-kind.ts'
import { styleOf } from './style.ts'

interface Fields {
  readonly code?: string
  readonly err?: unknown
  readonly [name: string]: unknown
}

/**
 * Logs a line. A line at `'info'` has no problem to report, so it gets the level of the option `log`. A logger may
 * throw, because a hook may have ended its stream. That must not stop the shutdown.
 */
export function say(log: FastifyBaseLogger, level: LogLevel, fields: Fields, line: string): void {
  const style = styleOf(log)
  const at = level === 'info' ? style.level : level
  if (at === 'silent') return
  try {
    write(log, at, style.isBare && level === 'info' ? {} : fields, shorten(line, longest.line))
  } catch {
    sayOnStderr(line, fields)
  }
}

/** The arguments for each kind of logger, from the fields, the error and the text. */
const given: Readonly<Record<LoggerKind, (fields: Fields, text: string) => [object, string?]>> = {
  pino: (fields, text) => [withError(fields, loggableError), text],
  winston: (fields, text) => [{ ...withError(fields, plainError), message: text }],
  other: (fields, text) => [withError(fields, plainError), text]
}

function write(log: FastifyBaseLogger, level: LogLevel, fields: Fields, text: string): void {
  log[level](...given[loggerKindOf(log)](fields, text))
}

function withError(fields: Fields, written: (error: unknown) => unknown): Fields {
  return fields.err === undefined ? fields : { ...fields, err: written(fields.err) }
}

/** Logs a line with the first logger that logs anything. If there is none, the line goes to stderr. */
export function sayToFirst(
  logs: readonly FastifyBaseLogger[],
  level: LogLevel,
  fields: Fields,
  line: string
): void {
  // A logger that logs nothing has the same function at all levels.
  const log = logs.find((each) => each[level] !== each.trace)
  if (log !== undefined) say(log, level, fields, line)
  else sayOnStderr(line, fields)
}

/** Does not use `process.stderr`: if nobody reads from it any more, a write would be the next crash. */
export function sayOnStderr(line: string, { err }: Fields): void {
  try {
    const text = shorten(shown(line), longest.line)
    writeSync(2, err === undefined ? `${text}\n` : `${text}\n${textOf(err)}\n`)
  } catch {
    // The line cannot be written anywhere.
  }
}

function textOf(error: unknown): string {
  const { message, stack = message } = errorReportOf(error)
  return stack
}
