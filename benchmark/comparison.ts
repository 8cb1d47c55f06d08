import { quantile } from 'simple-statistics'
import { type Estimate, estimate } from './estimate.ts'
import type { Generation } from './generations.ts'
import type { Sample } from './subject.ts'
import type { Variant } from './variants.ts'

/** How far a variant is from the bare app. */
export interface Difference {
  /** In microseconds per request. */
  readonly absolute: Estimate
  /** In per cent of the bare app. */
  readonly relative: Estimate
}

/** The variants side by side, at one quantile of their rounds. */
export interface Comparison {
  /** In microseconds per request. */
  readonly bare: Estimate
  readonly control: Estimate
  readonly plugin: Estimate
  readonly controlMinusBare: Difference
  readonly pluginMinusBare: Difference
}

/** The variants side by side, where the machine was quiet and where it was as usual. */
export interface Comparisons {
  readonly tenthPercentile: Comparison
  readonly median: Comparison
}

/** Compares the variants by one of the quantities that were sampled. */
export function compare(
  generations: readonly Generation<Variant>[],
  quantity: 'cpu' | 'elapsed'
): Comparisons {
  const at = (probability: number): Comparison => {
    const { level, minusBare } = comparing(generations, quantity, probability, 'bare')
    return {
      bare: level('bare'),
      control: level('control'),
      plugin: level('plugin'),
      controlMinusBare: minusBare('control'),
      pluginMinusBare: minusBare('plugin')
    }
  }
  return { tenthPercentile: at(0.1), median: at(0.5) }
}

/** Says of each variant what it needs, and how far that is from what the bare one needs. */
export function comparing<Name extends string, Of extends Sample>(
  generations: readonly Generation<Name, Of>[],
  quantity: keyof Of,
  probability: number,
  bare: NoInfer<Name>
): { level(name: Name): Estimate; minusBare(name: Name): Difference } {
  const of = (name: Name, rounds: Generation<Name, Of>) =>
    quantile(
      rounds.map((round) => round[name][quantity] as number),
      probability
    )
  return {
    level: (name) => estimate(generations, (rounds) => of(name, rounds)),
    minusBare: (name) => ({
      absolute: estimate(generations, (rounds) => of(name, rounds) - of(bare, rounds)),
      relative: estimate(generations, (rounds) => (of(name, rounds) / of(bare, rounds) - 1) * 100)
    })
  }
}
