import { inspect, types } from 'node:util'
import { longest, namedAtMost, shorten } from '../bounds.ts'
import { attempt } from '../validation/read.ts'
import type { ErrorReport } from './report.ts'

// Code may throw any value, even a value whose properties throw. No such value may keep the shutdown from being
// reported.

/** The parts of an error that can be read. */
export function errorReportOf(error: unknown): ErrorReport {
  if (!isError(error)) return { name: 'NotAnError', message: textOf(error) }
  const read = (key: keyof NodeJS.ErrnoException, otherwise?: string) =>
    attempt<unknown>(() => (error as NodeJS.ErrnoException)[key], otherwise)
  const [code, stack] = [read('code'), read('stack')]
  return {
    name: shorten(textOf(read('name', unreadable)), longest.name),
    message: textOf(read('message', unreadable)),
    ...(typeof code === 'string' && { code: shorten(code, longest.id) }),
    ...(typeof stack === 'string' && { stack: shorten(stack, longest.stack) })
  }
}

/** Whether a value is an error. An error from another realm, for example of a test runner, counts, too. */
export function isError(value: unknown): boolean {
  return attempt(() => value instanceof Error || types.isNativeError(value), false)
}

/** A thrown value, or a part of it, as text. */
export function textOf(value: unknown, depth = 1): string {
  if (typeof value === 'string') return shorten(value, longest.message)
  return attempt(() => shorten(inspect(glance(value, depth), { depth }), longest.message), unreadable)
}

/**
 * Takes the first properties of plain objects and arrays. Of any other object it takes only the name of the class.
 * Another object may contain secrets: for example a request with its headers.
 */
function glance(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || isError(value)) return value
  if (Array.isArray(value)) return value.slice(0, namedAtMost).map((item) => deeper(item, depth))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) return hidden(value)
  const properties = Object.entries(value).slice(0, namedAtMost)
  const copy = Object.fromEntries(properties.map(([key, item]) => [key, deeper(item, depth)]))
  return Object.setPrototypeOf(copy, prototype)
}

/** Values below the given depth are not shown, so they are not read. */
function deeper(item: unknown, depth: number): unknown {
  return depth > 0 ? glance(item, depth - 1) : typeof item === 'object' && item !== null ? hidden(item) : item
}

function hidden(item: object): object {
  return { [inspect.custom]: () => nameOf(item) }
}

function nameOf(item: object): string {
  return Array.isArray(item) ? '[Array]' : `[${shorten(String(item.constructor?.name), longest.name)}]`
}

const unreadable = 'what was thrown throws when it is looked at'
