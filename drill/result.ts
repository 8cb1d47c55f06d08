import { findingsOf } from './findings/find.ts'
import type { Finding } from './findings/finding.ts'
import type { Observations } from './observations.ts'
import type { Counts, When } from './tally.ts'

/** One drill, and its findings. */
export interface Run {
  readonly seen: Observations
  readonly findings: readonly Finding[]
}

export function judge(seen: Observations): Run {
  return { seen, findings: findingsOf(seen) }
}

export function faultsOf({ findings }: Run): readonly Finding[] {
  return findings.filter(({ severity }) => severity === 'fault')
}

/** A finding, and the number of runs that have it. */
export interface Counted {
  readonly finding: Finding
  readonly runs: number
}

/** The findings of all runs. Each finding comes once, as in the first run that has it. */
export function countedFindings(runs: readonly Run[]): readonly Counted[] {
  const counted = new Map<string, { finding: Finding; runs: number }>()
  for (const { code, finding } of runs.flatMap(({ findings }) => byCode(findings))) {
    const known = counted.get(code)
    if (known === undefined) counted.set(code, { finding, runs: 1 })
    else known.runs++
  }
  const order = ({ finding }: Counted) => (finding.severity === 'fault' ? 0 : 1)
  return [...counted.values()].sort((one, other) => order(one) - order(other))
}

/** In one run, several streams may have the same finding, which counts once. */
function byCode(findings: readonly Finding[]): { code: string; finding: Finding }[] {
  return [...new Map(findings.map((finding) => [finding.code, finding]))].map(([code, finding]) => ({
    code,
    finding
  }))
}

/** What happened to the requests of all runs. */
export function sumOf(runs: readonly Run[], when: When): Counts {
  const all = runs.map(({ seen }) => seen.tally.counts[when])
  const sum = (fate: keyof Counts) => all.reduce((total, counts) => total + counts[fate], 0)
  return {
    answered: sum('answered'),
    toldToComeBack: sum('toldToComeBack'),
    failed: sum('failed'),
    refused: sum('refused'),
    cut: sum('cut'),
    lost: sum('lost'),
    unanswered: sum('unanswered')
  }
}
