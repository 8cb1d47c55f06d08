import { inspect } from 'node:util'
import { longestDelay } from './clock.ts'
import { FST_LIFECYCLE_OPTION_INVALID, FST_LIFECYCLE_OPTION_UNKNOWN } from './errors.ts'
import { nearest } from './nearest.ts'

// The checks that options, hooks and routes share. Each returns what it was given, or throws.

/** What a value is, for a person: its kind, and as much of its content as is short. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return `${value}`
  const kind = Array.isArray(value) ? 'array' : typeof value
  const article = /^[aeiou]/.test(kind) ? 'an' : 'a'
  const content = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY })
  return `the ${kind} ${content}`.length <= 80 ? `the ${kind} ${content}` : `${article} ${kind}`
}

export function invalid(path: string, expected: string, value: unknown): Error {
  return new FST_LIFECYCLE_OPTION_INVALID(path, expected, describe(value))
}

export function anObject(path: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw invalid(path, 'an object', value)
}

export function onlyKeys(path: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const option = path === '' ? key : `${path}.${key}`
    const similar = nearest(key, known)
    const advice = similar === undefined ? `Known are: ${known.join(', ')}.` : `Did you mean '${similar}'?`
    throw new FST_LIFECYCLE_OPTION_UNKNOWN(option, advice)
  }
}

export function milliseconds(path: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= longestDelay) return value
  throw invalid(path, `a number of milliseconds from 0 to ${longestDelay}`, value)
}

export function wholeNumber(path: string, value: unknown, unit: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw invalid(path, `a whole number of ${unit}, 0 or more`, value)
}

/** Port 0 is any that is free, which not everybody can use. */
export function aPort(path: string, value: unknown, least: 0 | 1): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= 65_535)
    return value as number
  throw invalid(path, `a port from ${least} to 65535`, value)
}

export function aBoolean(path: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw invalid(path, 'true or false', value)
}

export function oneOf<T extends string>(path: string, value: unknown, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T
  throw invalid(path, `one of ${allowed.map((item) => `'${item}'`).join(', ')}`, value)
}
