import { quantile } from 'simple-statistics'
import { type Estimate, estimate } from './estimate.ts'
import type { Generation, Round } from './generations.ts'
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
export function compare(generations: readonly Generation[], quantity: keyof Sample): Comparisons {
  return {
    tenthPercentile: compareAt(0.1, generations, quantity),
    median: compareAt(0.5, generations, quantity)
  }
}

function compareAt(
  probability: number,
  generations: readonly Generation[],
  quantity: keyof Sample
): Comparison {
  const of = (variant: Variant) => (rounds: readonly Round[]) =>
    quantile(
      rounds.map((round) => round[variant][quantity]),
      probability
    )
  const bare = of('bare')
  const minusBare = (variant: Variant): Difference => ({
    absolute: estimate(generations, (rounds) => of(variant)(rounds) - bare(rounds)),
    relative: estimate(generations, (rounds) => (of(variant)(rounds) / bare(rounds) - 1) * 100)
  })
  return {
    bare: estimate(generations, bare),
    control: estimate(generations, of('control')),
    plugin: estimate(generations, of('plugin')),
    controlMinusBare: minusBare('control'),
    pluginMinusBare: minusBare('plugin')
  }
}
