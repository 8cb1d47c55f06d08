import type { Site } from './site.ts'

/** How readiness is probed; times in ms. */
export interface Probing {
  readonly period: number
  readonly timeout: number
  readonly failures: number
  /** The time between two probes once one has failed, where that is another. */
  readonly recheck?: number
}

/** What a prober can do; times in ms. */
export interface Prober {
  /** The unit of its times, and the shortest of them. */
  readonly unit: number
  /** Whether it asks in another rhythm once a probe has failed. */
  readonly rechecks: boolean
  /** More time than this between two probes would only make it slower to notice that all is well again. */
  readonly longestPeriod: number
}

/** How to probe where nothing else is known: it takes the 5 s that are the lame duck's default in Kubernetes. */
const usual: Probing = { period: 2_000, timeout: 1_000, failures: 2 }

/** The longest time that passes between the change of readiness and the last probe that must fail. */
export function noticingTime({ period, timeout, failures, recheck = period }: Probing): number {
  return period + recheck * (failures - 1) + timeout
}

/**
 * How to probe so that the lame duck covers it, as seldom as that allows. Two failures in a row, if
 * there is time for two, so that one lost probe is never enough. What is settled already is kept. A
 * window that is too short for this prober changes nothing: it is the window that must grow.
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
