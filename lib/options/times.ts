import { FST_LIFECYCLE_BUDGET_IMPOSSIBLE } from '../errors.ts'
import { invalid, milliseconds, onlyKeys, wholeNumber } from '../validation/validate.ts'
import type { LifecycleOptions } from './options.ts'

/** The option `lameDuck`: ms, or a window that may end early. */
export type LameDuckOption = NonNullable<LifecycleOptions['lameDuck']>

/** The lame duck's window, in ms, and after how many answers of the readiness probe the window may end. */
export interface LameDuckWindow {
  readonly max: number
  readonly min: number
  readonly probes: number
}

/** The times that share the deadline, in ms. */
export interface Times {
  readonly deadline: number
  readonly lameDuck: LameDuckWindow
  readonly drainTimeout: number
}

/** Checks the times that share the deadline. An explicit time must fit. A default is made shorter, so that it fits. */
export function timesOf(
  options: Pick<LifecycleOptions, 'deadline' | 'lameDuck' | 'drainTimeout'>,
  kubernetes: boolean
): Times {
  const { deadline = kubernetes ? 25_000 : 9_000 } = options
  milliseconds('deadline', deadline)
  const { drainTimeout: explicitDrain = 0 } = options
  milliseconds('drainTimeout', explicitDrain)

  const {
    lameDuck: window = kubernetes ? Math.min(5_000, deadline / 5, Math.max(0, deadline - explicitDrain)) : 0
  } = options
  const lameDuck = windowOf(window)
  const { drainTimeout = Math.max(0, deadline - lameDuck.max) * 0.8 } = options

  if (lameDuck.max + drainTimeout > deadline) {
    throw new FST_LIFECYCLE_BUDGET_IMPOSSIBLE(
      `'lameDuck' (${lameDuck.max} ms) and 'drainTimeout' (${drainTimeout} ms) make ${lameDuck.max + drainTimeout} ms`,
      `the 'deadline' of ${deadline} ms`
    )
  }
  return { deadline, lameDuck, drainTimeout }
}

function windowOf(value: LameDuckOption): LameDuckWindow {
  if (typeof value === 'number') {
    const fixed = milliseconds('lameDuck', value)
    return { max: fixed, min: fixed, probes: 0 }
  }
  if (typeof value !== 'object' || value === null) {
    throw invalid('lameDuck', 'a number of milliseconds, or an object { max, min, probes }', value)
  }
  const {
    max,
    min = 0,
    probes = 1
  } = onlyKeys<Exclude<LameDuckOption, number>>('lameDuck', value, ['max', 'min', 'probes'])
  const longest = milliseconds('lameDuck.max', max)
  milliseconds('lameDuck.min', min)
  if (min > longest) {
    throw new FST_LIFECYCLE_BUDGET_IMPOSSIBLE(
      `'lameDuck.min' is ${min} ms`,
      `the 'lameDuck.max' of ${longest} ms`
    )
  }
  return { max: longest, min, probes: wholeNumber('lameDuck.probes', probes, 'probes') }
}
