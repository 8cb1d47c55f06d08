import fc from 'fast-check'

/** How an instance may end in order: nothing may come of it but a new instance. */
const orderly = ['SIGTERM', 'SIGINT', 'SIGTERM twice'] as const

/** How it may end otherwise: by a crash, which still drains; or by what no process can prepare for. */
const rough = ['crash', 'SIGKILL', 'SIGKILL while it shuts down', 'SIGTERM while it starts'] as const

export type Ending = (typeof orderly)[number] | (typeof rough)[number]

/** One restart of an instance. */
export interface Restart {
  readonly ending: Ending
  /** For how many ms the instance serves before. */
  readonly after: number
  /** The ms between two signals, and between the start and a signal that comes while it starts. */
  readonly gap: number
}

/** Which endings a schedule is drawn from. */
export type Mix = 'orderly' | 'rough'

/** The same seed gives the same schedule. */
export function schedule(mix: Mix, count: number, seed: number): Restart[] {
  const endings: readonly Ending[] = mix === 'orderly' ? orderly : [...orderly, ...rough]
  // So that a short schedule has them all, in an order that the seed decides.
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
export function isKilled(ending: Ending): boolean {
  return ending === 'SIGKILL' || ending === 'SIGKILL while it shuts down'
}
