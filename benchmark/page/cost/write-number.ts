import type { Spread } from '../../cost/spread.ts'
import type { Estimate } from '../../estimate.ts'
import { ours, titleOf } from '../../subjects.ts'

// How numbers and names stand in the tables.

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** With its sign, and as many digits. */
export function signed(value: number, digits: number): string {
  return (value < 0 ? '−' : '+') + Math.abs(value).toFixed(digits)
}

/** A difference, with its interval. */
export function difference({ value, low, high }: Estimate, digits: number): string {
  return `${signed(value, digits)} (${signed(low, digits)} … ${signed(high, digits)})`
}

/** The middle run, and the least and the most of them where there were several. */
export function spread({ median, least, most, runs }: Spread, write: (value: number) => string): string {
  return runs === 1 ? write(median) : `${write(median)} (${write(least)} … ${write(most)})`
}

/** Ours stands out. */
export function rowTitle(name: string): string {
  return name === ours ? `**${titleOf(name)}**` : titleOf(name)
}
