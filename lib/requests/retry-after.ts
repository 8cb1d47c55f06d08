import { anArray, invalid, wholeNumber } from '../validation/validate.ts'

/** The option `retryAfter`: seconds, a range of them, or none. */
export type RetryAfterOption = number | readonly [min: number, max: number] | false

/** The range of seconds that `Retry-After` is picked from, or `false`: no header. */
export type RetryAfter = readonly [min: number, max: number] | false

/** Checks the option `retryAfter`. */
export function retryAfterOf(value: RetryAfterOption): RetryAfter {
  if (value === false) return false
  if (typeof value === 'number') {
    const fixed = wholeNumber('retryAfter', value, 'seconds')
    return [fixed, fixed]
  }
  const expected = 'a number of seconds, a range [min, max], or false'
  const range = anArray('retryAfter', expected, value)
  if (range.length !== 2) throw invalid('retryAfter', expected, value)
  const [min, max] = range.map((bound, index) => wholeNumber(`retryAfter[${index}]`, bound, 'seconds'))
  if ((min as number) > (max as number)) {
    throw invalid('retryAfter', 'a range whose first number is not greater than its second', value)
  }
  return [min as number, max as number]
}

/** Each response gets a random number, so that clients do not all retry at the same time. */
export function pickSeconds([min, max]: readonly [number, number]): number {
  return min + Math.floor(Math.random() * (max - min + 1))
}
