import { inspect } from 'node:util'
import { bytesOfJSON, longest, shorten } from '../bounds.ts'
import { FST_LIFECYCLE_OPTION_INVALID, FST_LIFECYCLE_OPTION_UNKNOWN } from '../errors.ts'
import { longestDelay } from '../time/clock.ts'
import { guessed } from './guesses.ts'
import { nearest } from './nearest.ts'
import { attempt, itemsOf, kindOf, propertiesOf } from './read.ts'

// The checks that options, hooks and routes share. Each check returns the value that it was given, or throws. A value
// is read only once, so that the checked value is the value that is used.

/** Describes a value for a person: its kind, and its content if that is short. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return `${value}`
  const kind = attempt(() => Array.isArray(value), false) ? 'array' : typeof value
  const article = /^[aeiou]/.test(kind) ? 'an' : 'a'
  const look = () => inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, customInspect: false })
  const content = typeof value === 'string' && value.length > 80 ? value.slice(0, 80) : attempt(look, '')
  return content !== '' && `the ${kind} ${content}`.length <= 80
    ? `the ${kind} ${content}`
    : `${article} ${kind}`
}

export function invalid(path: string, expected: string, value: unknown): Error {
  return new FST_LIFECYCLE_OPTION_INVALID(path, expected, describe(value))
}

/** Checks that a value is a plain object: no array, no promise, no date or the like. */
export function anObject(path: string, value: unknown): Record<string, unknown> {
  if (kindOf(value) === 'object') return value as Record<string, unknown>
  throw invalid(path, 'an object', value)
}

/** Checks that an object has only these properties, and returns them, each read once. The values are not checked. */
export function onlyKeys<Shape = Record<string, unknown>>(
  path: string,
  value: unknown,
  known: readonly (keyof Shape & string)[]
): Partial<Shape> {
  const owner = path === '' ? 'options' : path
  const properties = propertiesOf(anObject(owner, value), known)
  if (properties === undefined) throw invalid(owner, 'an object whose properties can be read', value)
  const { read, others, isOfAClass } = properties
  const [other] = others
  if (other !== undefined) throw unknownOption(path === '' ? other : `${path}.${other}`, other, known)
  if (isOfAClass && Object.keys(read).length === 0) {
    throw invalid(owner, `an object with ${known.map((key) => `\`${key}\``).join(', ')}`, value)
  }
  return read as Partial<Shape>
}

function unknownOption(option: string, key: string, known: readonly string[]): Error {
  const similar = guessed(key, known) ?? nearest(key, known)
  const advice = similar === undefined ? `Known are: ${known.join(', ')}.` : `Did you mean '${similar}'?`
  return new FST_LIFECYCLE_OPTION_UNKNOWN(option, advice)
}

/** Checks that a value is a plain object, and returns its properties with their names. */
export function aRecord(path: string, value: unknown): [name: string, item: unknown][] {
  const { entries, isOfAClass = true } = propertiesOf(anObject(path, value), []) ?? {}
  if (entries === undefined || isOfAClass) throw invalid(path, 'a plain object', value)
  return entries
}

/** Checks that a value is an array, and returns its items. A missing item is `undefined`. */
export function anArray(path: string, expected: string, value: unknown): unknown[] {
  const items = itemsOf(value)
  if (items === undefined) throw invalid(path, expected, value)
  return items
}

/**
 * Whether a value is a valid name. A name identifies a thing, so a name that is too long is refused and not
 * shortened.
 */
export function isName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= longest.name &&
    bytesOfJSON(value) - 2 <= longest.name
  )
}

/** The name of a function, if it has one. A long name is shortened. */
export function nameOf(work: unknown): string | undefined {
  const name = attempt(() => (work as { name?: unknown }).name, undefined)
  return typeof name === 'string' && name !== '' ? shorten(name, longest.id) : undefined
}

export function milliseconds(path: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= longestDelay) return value
  throw invalid(path, `a number of milliseconds from 0 to ${longestDelay}`, value)
}

export function wholeNumber(path: string, value: unknown, unit: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw invalid(path, `a whole number of ${unit}, 0 or more`, value)
}

/** Checks a port. Port 0 means any free port, which only some options accept. */
export function aPort(path: string, value: unknown, least: 0 | 1): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= 65_535)
    return value as number
  throw invalid(path, `a port from ${least} to 65535`, value)
}

export function aBoolean(path: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw invalid(path, 'true or false', value)
}

export function anAbortSignal(path: string, value: unknown): AbortSignal {
  const isOne = () => value instanceof AbortSignal && typeof value.aborted === 'boolean'
  if (attempt(isOne, false)) return value as AbortSignal
  throw invalid(path, 'an AbortSignal', value)
}

export function oneOf<T extends string>(path: string, value: unknown, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T
  throw invalid(path, `one of ${allowed.map((item) => `'${item}'`).join(', ')}`, value)
}
