import fc from 'fast-check'

/** How an instance ends in order: nothing may come of it but a new instance. */
export const orderly = ['SIGTERM', 'SIGINT', 'SIGTERM twice'] as const

/** By a crash, which still drains, or by what no process can prepare for. */
const rough = ['crash', 'SIGKILL', 'SIGKILL while it shuts down', 'SIGTERM while it starts'] as const

export type Ending = (typeof orderly)[number] | (typeof rough)[number]

export const anyHow: readonly Ending[] = [...orderly, ...rough]

/** One restart of an instance. */
export interface Restart {
  readonly ending: Ending
  /** For how many ms the instance serves before. */
  readonly after: number
  /** The ms between two signals, and between the start and a signal that comes while it starts. */
  readonly gap: number
}

/** Each ending as often as the others, in an order and at moments that the seed decides. */
export function schedule(endings: readonly Ending[], count: number, seed: number): Restart[] {
  const turns = Array.from({ length: count }, (_, index) => endings[index % endings.length] as Ending)
  const times = fc.record({ after: fc.nat(250), gap: fc.nat(400) })
  const schedules = fc
    .tuple(
      fc.shuffledSubarray(turns, { minLength: count }),
      fc.array(times, { minLength: count, maxLength: count })
    )
    .map(([drawn, when]) =>
      drawn.map((ending, index) => ({ ending, ...(when[index] ?? { after: 0, gap: 0 }) }))
    )
  return fc.sample(schedules, { seed, numRuns: 1 })[0] as Restart[]
}

/** Whether it gets no chance to end well. */
export function isKilled(ending: Ending | undefined): boolean {
  return ending === 'SIGKILL' || ending === 'SIGKILL while it shuts down'
}
