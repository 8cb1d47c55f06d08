import { median } from 'simple-statistics'

/** A few runs: their middle, and how far apart they are. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
  readonly runs: number
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: median([...values]),
    least: Math.min(...values),
    most: Math.max(...values),
    runs: values.length
  }
}

/** Collects what several runs of several names found. */
export class ByName<Found> {
  readonly #found = new Map<string, Found[]>()

  add(name: string, found: Found): void {
    this.#found.set(name, [...this.of(name), found])
  }

  of(name: string): readonly Found[] {
    return this.#found.get(name) ?? []
  }
}
