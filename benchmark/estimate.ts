import { median, quantile, sampleWithReplacement } from 'simple-statistics'
import { method } from './method.ts'

/** A number, and the interval in which it lies with 95 % confidence. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/**
 * The median of what each generation says, with a bootstrap interval: generations, and rounds
 * within them, are drawn again, because both are sources of noise.
 */
export function estimate<Round>(
  generations: readonly (readonly Round[])[],
  statistic: (rounds: readonly Round[]) => number
): Estimate {
  const medianOf = (drawn: readonly (readonly Round[])[]) => median(drawn.map(statistic))
  const redrawn = Array.from({ length: method.resamples }, () => medianOf(draw(generations).map(draw)))
  return {
    value: medianOf(generations),
    low: quantile(redrawn, 0.025),
    high: quantile(redrawn, 0.975)
  }
}

function draw<Item>(items: readonly Item[]): Item[] {
  return sampleWithReplacement([...items], items.length)
}
