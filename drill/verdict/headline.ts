import { count } from '../findings/finding.ts'
import { countedFindings, faultsOf, type Run } from '../result.ts'

/** The verdict in one line. */
export function headline(runs: readonly Run[]): string {
  const faults = countedFindings(runs).filter(({ finding }) => finding.severity === 'fault').length
  const bad = runs.filter((run) => faultsOf(run).length > 0).length
  const rounds =
    runs.length === 1 ? '' : bad === 0 ? ` in ${runs.length} runs` : `, in ${bad} of ${runs.length} runs`
  return faults === 0
    ? `Nothing is wrong${rounds}: no request was lost, and the app ended as it should.`
    : `${count(faults, 'fault')}${rounds}`
}
