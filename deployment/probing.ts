import type { Site } from './site.ts'

/** The settings of a readiness probe; times in ms. */
export interface Probing {
  readonly period: number
  readonly timeout: number
  readonly failures: number
  /** The time between two probes after a failed probe, if it differs from `period`. */
  readonly recheck?: number
}

/** The abilities of the program that probes readiness; times in ms. */
export interface Prober {
  /** The prober accepts only multiples of this time. */
  readonly unit: number
  /** Whether the prober can use a different period after a failed probe. */
  readonly rechecks: boolean
  /** The longest useful period. With a longer one, the prober would only notice a recovered app later. */
  readonly longestPeriod: number
}

/** The settings if no others fit. They need 5 s to notice, which is the default lame duck in Kubernetes. */
const usual: Probing = { period: 2_000, timeout: 1_000, failures: 2 }

/** The longest time that a prober needs to notice that the app is not ready any more: until the last failed probe. */
export function noticingTime({ period, timeout, failures, recheck = period }: Probing): number {
  return period + recheck * (failures - 1) + timeout
}

/**
 * Chooses the longest period with which the prober still notices within the lame duck. Two probes in a row must fail,
 * if there is time for two, so that one lost probe does not count. The user's own settings are kept. If the lame duck
 * is too short for this prober, the usual settings apply, and a warning tells the user to raise `lameDuck`.
 */
export function probingFor({ settings, place }: Site, { unit, longestPeriod, rechecks }: Prober): Probing {
  const whole = (ms: number) => Math.max(unit, Math.floor(ms / unit) * unit)
  const settled = Object.fromEntries(
    Object.entries(place.probe)
      .filter(([key]) => rechecks || key !== 'recheck')
      .map(([key, value]) => [key, key === 'failures' ? value : Math.ceil(value / unit) * unit])
  ) as Partial<Probing>

  const window = settings.lameDuck.max
  const timeout = settled.timeout ?? Math.min(usual.timeout, whole(window / 5))
  const { recheck } = settled
  const shortest = settled.period ?? unit
  const failures = settled.failures ?? (window >= shortest + (recheck ?? shortest) + timeout ? 2 : 1)
  const first =
    recheck === undefined ? (window - timeout) / failures : window - timeout - recheck * (failures - 1)
  const period = settled.period ?? Math.min(longestPeriod, whole(first))
  const fitting = { ...settled, period, timeout, failures }
  return noticingTime(fitting) <= window ? fitting : { ...usual, ...settled }
}
