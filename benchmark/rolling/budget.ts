import { deploymentFor } from '../../deployment/index.ts'
import type { LifecycleOptions } from '../../index.ts'
import type { Cell } from './cells.ts'

/** The options that an app gets, and those that the configuration in front of it is made from. */
export interface Budget {
  readonly app: {
    readonly deadline: number
    readonly lameDuck: NonNullable<LifecycleOptions['lameDuck']>
    readonly handOver?: true
  }
  /** How long the platform waits before it kills, in ms. */
  readonly grace: number
}

/** The wait behind HAProxy, in ms. */
export const lameDuckForHAProxy = 1_500

/** How HAProxy checks: it takes 1.2 s at most to notice, and an app that is short of time is not taken out. */
export const probeOfHAProxy = { period: 300, timeout: 600, failures: 2 }

const deadline = 5_000
const grace = 6_000

export function budgetOf(cell: Cell): Budget {
  const { app, grace } = timesOf(cell)
  return { app: { ...app, ...(cell.wait === 'handOver' && { handOver: true }) }, grace }
}

function timesOf({ front, wait }: Cell): Budget {
  switch (front.kind) {
    case 'haproxy': {
      const set = lameDuckForHAProxy
      const lameDuck = { none: 0, handOver: 0, set, probes: { max: 3 * set, probes: 2 } }[wait]
      return { app: { deadline, lameDuck }, grace }
    }
    case 'nginx': {
      // Told before, nginx needs only a moment; left alone, it needs to have the last server back.
      const set = front.told === 'down' ? 1_000 : deploymentFor({ deadline }).nginx.lameDuckAtLeast
      return { app: { deadline, lameDuck: wait === 'none' || wait === 'handOver' ? 0 : set }, grace }
    }
    case 'kubernetes': {
      const { budget, terminationGracePeriodSeconds, readinessProbe } = deploymentFor({}).kubernetes
      const { scale } = front
      const max = budget.lameDuck * scale
      const probes = readinessProbe?.failureThreshold as number
      const lameDuck = { none: 0, handOver: 0, set: max, probes: { max, probes } }[wait]
      return {
        app: { deadline: budget.deadline * scale, lameDuck },
        grace: terminationGracePeriodSeconds * 1_000 * scale
      }
    }
  }
}
