import { bytesOfJSON, longest, namedAtMost, shorten } from '../bounds.ts'
import { errorReportOf, isError, textOf } from '../report/error-report.ts'
import type { Report } from '../report/report.ts'
import { attempt } from '../validation/read.ts'

// Log collectors cut or refuse long lines, so no line is longer than 16 kB. The fields that a logger adds by itself
// are not counted.

/** How many bytes an error may take in a line. */
const mostOfError = 8_000

/** How many bytes a report may take in a line. */
const mostOfReport = 12_000

/** How many causes of an error are logged. */
const mostCauses = 3

/** Returns a short error as it is. Of a long error, returns a shorter copy of the same class. */
export function loggableError(error: unknown): unknown {
  if (!isError(error)) return textOf(error)
  if (attempt(() => isShort(error as Error), false)) return error
  return standInFor(error as Error, { left: mostOfError }, mostCauses)
}

function isShort(error: Error): boolean {
  const { message, stack } = error
  const own = Object.entries(Object.getOwnPropertyDescriptors(error))
  const enumerable = own.filter(([, { enumerable }]) => enumerable)
  const values = enumerable.map(([key, { value }]) => [key, value] as const)
  return (
    own.every(([name]) => name !== 'cause' && name !== 'errors') &&
    enumerable.every(([, property]) => 'value' in property && isPrimitive(property.value)) &&
    bytesOfJSON([message, stack, values]) <= mostOfError
  )
}

/** A copy of an error in which long texts are cut, so that all together fit into `room`. */
function standInFor(error: Error, room: { left: number }, causes: number): Error {
  const fitting = (text: string, most: number) => {
    const short = shorten(text, Math.min(most, room.left))
    room.left = Math.max(0, room.left - bytesOfJSON(short))
    return short
  }
  const { name, message, code, stack } = errorReportOf(error)
  const standIn = Object.create(attempt(() => Object.getPrototypeOf(error), Error.prototype)) as Error
  const put = (key: string, value: unknown, enumerable = false) => {
    Object.defineProperty(standIn, key, { value, enumerable, configurable: true, writable: true })
  }
  put('name', fitting(name, longest.name))
  put('message', fitting(message, longest.message))
  put('stack', fitting(stack ?? `${name}: ${message}`, longest.stack))
  if (code !== undefined) put('code', fitting(code, longest.id), true)
  for (const [key, value] of primitivesOf(error)) {
    if (Object.hasOwn(standIn, key)) continue
    put(fitting(key, longest.id), typeof value === 'string' ? fitting(value, longest.detail) : value, true)
  }
  const cause = attempt(() => error.cause, undefined)
  if (isError(cause) && causes > 0 && room.left > 0) {
    put('cause', standInFor(cause as Error, room, causes - 1))
  }
  return standIn
}

/** The plain properties of an error, such as its number, its system call or its status code. */
function primitivesOf(error: Error): [key: string, value: unknown][] {
  const properties = attempt(() => Object.entries(Object.getOwnPropertyDescriptors(error)), [])
  const plain = properties.filter(([, property]) => property.enumerable && isPrimitive(property.value))
  return plain.slice(0, namedAtMost).map(([key, { value }]) => [key, value])
}

function isPrimitive(value: unknown): boolean {
  return (
    value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'bigint')
  )
}

/** The error as a plain object, for loggers that write JSON: the JSON of an error itself is `{}`. */
export function plainError(error: unknown): unknown {
  const loggable = loggableError(error)
  if (!isError(loggable)) return loggable
  const { name: type, ...rest } = errorReportOf(loggable)
  const cause = attempt(() => (loggable as Error).cause, undefined)
  return { type, ...rest, ...(cause !== undefined && { cause: plainError(cause) }) }
}

/** The fields of the last line that log systems can query. Each is a plain value. */
export interface FlatReport {
  readonly outcome: Report['outcome']
  readonly exitCode: Report['exitCode']
  readonly durationMs: number
  /** The signal, if a signal began the shutdown. */
  readonly signal?: string
  readonly completed: number
  readonly rejected: number
  readonly cut: number
  /** The names of the hooks that did not end well, with commas between them; left out if there are none. */
  readonly failedHooks?: string
}

/** The report without lists and objects. */
export function flatReport({ outcome, exitCode, duration, reason, requests, hooks }: Report): FlatReport {
  const failed = hooks.filter((hook) => hook.outcome !== 'ok').map(({ name }) => name)
  const names = failed.slice(0, namedAtMost).join(', ')
  return {
    ...{ outcome, exitCode, durationMs: Math.round(duration) },
    ...(reason.type === 'signal' && { signal: reason.signal }),
    ...{ completed: requests.completed, rejected: requests.rejected, cut: requests.cutCount },
    ...(failed.length > 0 && { failedHooks: shorten(names, longest.message) })
  }
}

/**
 * Returns a short report as it is. Of a long report, returns a copy without stacks, and with shorter lists and texts.
 */
export function loggableReport(report: Report): { report: Report; isShortened?: true } {
  if (bytesOfJSON(report) <= mostOfReport) return { report }
  const whole = { ...report, hooks: brokenFirst(report.hooks) }
  const shorter = reduced(whole, namedAtMost, longest.name)
  const fits = bytesOfJSON(shorter) <= mostOfReport
  return { report: (fits ? shorter : reduced(whole, 5, 50)) as Report, isShortened: true }
}

/** Puts failed hooks first, because the end of a list is cut off. Hooks that ended well matter least. */
function brokenFirst(hooks: Report['hooks']): Report['hooks'] {
  const isBroken = ({ outcome }: Report['hooks'][number]) => outcome !== 'ok'
  return [...hooks.filter(isBroken), ...hooks.filter((hook) => !isBroken(hook))]
}

/** A copy of a value with shorter lists and texts, and without stacks. */
export function reduced(value: unknown, items: number, bytes: number): unknown {
  if (typeof value === 'string') return shorten(value, bytes)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.slice(0, items).map((item) => reduced(item, items, bytes))
  const kept = Object.entries(value).filter(([key]) => key !== 'stack')
  return Object.fromEntries(kept.map(([key, item]) => [key, reduced(item, items, bytes)]))
}
