import type { Answer } from './health.ts'
import type { Question } from './question.ts'

/** One line for each check, in the format of kube-apiserver, for a person who wants to know the reason. */
export function verboseText({ probe, excluded }: Question, { status, body }: Answer): string {
  const { phase, holds = [], checks = {} } = body
  const ofChecks = Object.entries(checks).map(([name, { state, critical, error }]) => {
    const isGood = state !== 'failing'
    const why = isGood ? 'ok' : `failed: ${error ?? 'reason withheld'}`
    if (excluded.has(name)) return `[+]${name} excluded: ${isGood ? 'ok' : 'failed'}`
    return `[${isGood ? '+' : '-'}]${name} ${why}${isGood || critical ? '' : ' (not critical)'}`
  })
  const ofPhase = probe === 'ready' ? [`[${phase === 'ready' ? '+' : '-'}]phase ${phase}`] : []
  const ofHolds = holds.map((hold) => `[-]hold ${hold}`)
  const verdict = `${probe} check ${status === 200 ? 'passed' : 'failed'}`
  return `${[...ofPhase, ...ofHolds, ...ofChecks, verdict].join('\n')}\n`
}
