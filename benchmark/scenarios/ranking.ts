import { median } from 'simple-statistics'
import type { Observation } from './observe.ts'
import type { Scenario } from './scenario.ts'

/**
 * What can be wrong with a run, the worst first. A single fault weighs more than any number of those
 * behind it, and any fault more than any time.
 */
export const faults = ['wrong', 'hung', 'hooks', 'exit', 'untold'] as const

export type Fault = (typeof faults)[number]

/** How many of each. */
export type Faults = Readonly<Record<Fault, number>>

type Rule = Pick<Scenario, 'right' | 'poor' | 'hooks' | 'exit'>

/** What is wrong with one run. */
export function faultsOf({ right, poor = [], hooks, exit }: Rule, run: Observation): Faults {
  const hung = run.ms === null
  const seen = Object.entries(run.seen)
  const count = (matches: (what: string) => boolean) =>
    seen.reduce((sum, [what, times]) => sum + (matches(what) ? times : 0), 0)
  const isClean = run.code === 0
  return {
    // A client that was lost, cut or answered wrongly.
    wrong: right === 'any' ? 0 : count((what) => !right.includes(what) && !poor.includes(what)),
    // A process that would still be there.
    hung: hung ? 1 : 0,
    // A shutdown hook that never began.
    hooks: Math.max(0, hooks - run.hooks),
    // An exit code that says the opposite of what happened.
    exit: !hung && exit !== 'any' && isClean !== (exit === 'clean') ? 1 : 0,
    // A client that lost nothing, but was not told what to do.
    untold: count((what) => poor.includes(what))
  }
}

/** What all runs of a scenario with one subject come to. */
export interface Standing {
  readonly subject: string
  readonly faults: Faults
  /** From the beginning of the shutdown to the end of the process; infinite where it never ended. */
  readonly ms: { readonly median: number; readonly least: number; readonly most: number }
  readonly runs: readonly Observation[]
}

export function standingOf(rule: Rule, subject: string, runs: readonly Observation[]): Standing {
  const each = runs.map((run) => faultsOf(rule, run))
  const sum = (fault: Fault) => each.reduce((total, one) => total + one[fault], 0)
  const times = runs.map(({ ms }) => ms ?? Number.POSITIVE_INFINITY)
  return {
    subject,
    faults: Object.fromEntries(faults.map((fault) => [fault, sum(fault)])) as Record<Fault, number>,
    ms: { median: median(times), least: Math.min(...times), most: Math.max(...times) },
    runs
  }
}

/** Less than this many ms between two medians is no difference: a turn of a busy event loop takes as long. */
export const tolerance = 20

/** Whether one is better than the other: it has less to be forgiven, or as little and is clearly faster. */
export function beats(one: Standing, other: Standing): boolean {
  const difference = compareFaults(one.faults, other.faults)
  if (difference !== 0) return difference < 0
  // A single run has no interval in which a difference could lie.
  if (one.runs.length < 2 || other.runs.length < 2) return false
  return one.ms.median < other.ms.median - tolerance && one.ms.most < other.ms.least
}

/** The best first. */
export function ranked(standings: readonly Standing[]): Standing[] {
  // Two that never end are as slow as each other: their difference is no number.
  return [...standings].sort(
    (one, other) => compareFaults(one.faults, other.faults) || one.ms.median - other.ms.median || 0
  )
}

/** Negative where the first is better. */
function compareFaults(one: Faults, other: Faults): number {
  const first = faults.find((fault) => one[fault] !== other[fault])
  return first === undefined ? 0 : one[first] - other[first]
}

/** How bad it is: nothing wrong, nothing lost but not as it should be, or something lost. */
export type Verdict = 'good' | 'fair' | 'bad'

export function verdictOf({ wrong, hung, hooks, exit, untold }: Faults): Verdict {
  if (wrong + hung + hooks > 0) return 'bad'
  return exit + untold > 0 ? 'fair' : 'good'
}
