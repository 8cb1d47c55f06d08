import { ms } from '../findings/finding.ts'
import type { Run } from '../result.ts'
import { sumOf } from '../result.ts'
import type { Counts } from '../tally.ts'

/** The words for what happened to requests. */
export const fates: Readonly<Record<keyof Counts, string>> = {
  answered: 'answered',
  toldToComeBack: 'told to come back (503)',
  failed: 'answered with an error',
  refused: 'refused',
  cut: 'cut',
  lost: 'lost',
  unanswered: 'never answered'
}

const always: readonly (keyof Counts)[] = ['answered', 'toldToComeBack', 'refused', 'cut', 'lost']

/** The table of requests. Each row has one kind of end, and the number of requests before, at and after the signal. */
export function requestRows(runs: readonly Run[]): readonly (readonly [string, number, number, number])[] {
  const [before, inFlight, after] = (['before', 'inFlight', 'after'] as const).map((when) =>
    sumOf(runs, when)
  ) as [Counts, Counts, Counts]
  return (Object.keys(fates) as (keyof Counts)[])
    .filter((fate) => always.includes(fate) || before[fate] + inFlight[fate] + after[fate] > 0)
    .map((fate) => [fates[fate], before[fate], inFlight[fate], after[fate]])
}

/** The other facts of one run, each with a name and a text. */
export function factRows({ seen }: Run): readonly (readonly [string, string])[] {
  const { exit, grace, bystanders, probes, webSockets, streams, survivors, portStaysTaken } = seen
  const left = survivors.length === 0 ? 'no process left' : `${survivors.length} still running`
  const port = portStaysTaken ? 'the port stays taken' : 'the port is free'
  const end =
    exit === undefined
      ? `none: killed after ${ms(grace)}`
      : `${codeOf(exit)} after ${ms(exit.after)}, ${left}, ${port}`
  const probing = probes.map(({ name, path, before, changes }) => {
    // The prober cannot distinguish a refused connection from a cut connection.
    const said = changes.map(({ at, answer }) => ({
      at,
      answer: Number.isInteger(answer) ? answer : 'no answer'
    }))
    const later = said
      .filter(({ answer }, index) => answer !== said[index - 1]?.answer)
      .slice(0, 4)
      .map(({ at, answer }) => `${answer} from ${ms(at)} on`)
    return [name === 'ready' ? 'readiness' : 'liveness', [`${path} ${before}`, ...later].join(', ')] as const
  })
  const closing = bystanders.map(
    ({ kind, closedAt }) =>
      `${kind} ${closedAt === undefined ? 'open to the end' : `closed after ${ms(closedAt)}`}`
  )
  return [
    ['exit', end],
    ...probing,
    ...(closing.length > 0 ? [['connections', closing.join(', ')] as const] : []),
    ...webSockets.map(
      ({ path, code }) =>
        ['WebSocket', `${path} ${code === undefined ? 'open to the end' : `closed with ${code}`}`] as const
    ),
    ...streams.map(({ path, how }) => ['stream', `${path} ${how ?? 'open to the end'}`] as const)
  ]
}

function codeOf({ code, signal }: NonNullable<Run['seen']['exit']>): string {
  if (signal !== null) return signal
  return code === null ? 'gone' : `code ${code}`
}
