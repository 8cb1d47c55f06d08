import { pageOf } from '../findings/finding.ts'
import { faultsOf, type Run } from '../result.ts'

/** The verdict for programs. */
export function verdictJSON(command: readonly string[], seed: number, runs: readonly Run[]): string {
  const verdict = {
    version: 1,
    ok: runs.every((run) => faultsOf(run).length === 0),
    command,
    seed,
    runs: runs.map(({ seen, findings }) => {
      const { tally, ...others } = seen
      const { counts, clients, mishaps, inFlightAtSignal, firstRefusal, lastAnswer } = tally
      return {
        requests: counts,
        clients,
        mishaps,
        inFlightAtSignal,
        firstRefusal,
        lastAnswer,
        ...others,
        findings: findings.map((finding) => ({ ...finding, page: pageOf(finding) }))
      }
    })
  }
  return `${JSON.stringify(verdict, (_, value) => (isTime(value) ? Math.round(value * 10) / 10 : value), 2)}\n`
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && !Number.isInteger(value)
}
