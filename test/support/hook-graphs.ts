import fc from 'fast-check'
import type { HookPhase } from '../../index.ts'

/** How a hook behaves. `'breaks'` returns a thenable whose `then` throws. */
export type Behaviour = 'returns' | 'throws' | 'resolves' | 'rejects' | 'hangs' | 'breaks'

/** A hook as a property test makes it up. */
export interface Scenario {
  readonly name: string
  readonly phase: HookPhase
  readonly dependsOn: readonly string[] | undefined
  readonly timeout: number
  readonly does: Behaviour
  /** How long it takes to resolve or reject, in ms. */
  readonly lasts: number
}

export const phasesInOrder: readonly HookPhase[] = ['lameDuck', 'draining', 'closing']

const nodes = fc.array(
  fc.record({
    // Most in one phase, so that there is much to order.
    phase: fc.constantFrom<HookPhase>('closing', 'closing', 'closing', 'draining', 'draining', 'lameDuck'),
    rank: fc.nat(7),
    mode: fc.constantFrom('named', 'named', 'none', 'free'),
    picks: fc.array(fc.nat(7), { maxLength: 3 }),
    does: fc.constantFrom<Behaviour>(
      'resolves',
      'resolves',
      'returns',
      'throws',
      'rejects',
      'hangs',
      'breaks'
    ),
    lasts: fc.nat(40).map((tens) => tens * 10),
    // Never the same as what a hook lasts, so that it is certain which of the two is over first.
    timeout: fc.oneof(
      { weight: 3, arbitrary: fc.nat(60).map((tens) => tens * 10 + 5) },
      { weight: 1, arbitrary: fc.constantFrom(0, 60_005) }
    )
  }),
  { minLength: 1, maxLength: 8 }
)

/** Hooks without a circle: what each names comes after it in a random order, in its phase or a later one. */
export const acyclic: fc.Arbitrary<readonly Scenario[]> = nodes.map((all) => {
  const ranked = all.map((node, index) => ({ ...node, name: `hook-${index}` }))
  const position = new Map(
    [...ranked].sort((a, b) => a.rank - b.rank).map(({ name }, index) => [name, index])
  )
  return ranked.map(({ rank: _, mode, picks, ...node }) => {
    const candidates = ranked.filter(
      (other) =>
        (position.get(other.name) as number) > (position.get(node.name) as number) &&
        phasesInOrder.indexOf(other.phase) >= phasesInOrder.indexOf(node.phase)
    )
    const picked = picks.map((pick) => candidates[pick % candidates.length]?.name)
    const names = [...new Set(picked)].filter((name) => name !== undefined)
    return { ...node, dependsOn: mode === 'none' ? undefined : mode === 'free' ? [] : names }
  })
})

/** Whether one thing comes before another. */
type Relation = ReadonlyMap<string, ReadonlySet<string>>

/**
 * What waits for what within a phase, found in the plainest way there is: for each hook the names of
 * those that have to stop before it.
 */
export function waitedForBy(hooks: readonly Scenario[]): Relation {
  const before = new Map(hooks.map(({ name }) => [name, new Set<string>()]))
  const isBefore = (one: string, other: string): boolean =>
    [...(before.get(other) as Set<string>)].some((direct) => direct === one || isBefore(one, direct))
  const put = (one: string, other: string) => before.get(other)?.add(one)

  const phaseOf = new Map(hooks.map(({ name, phase }) => [name, phase]))
  for (const { name, phase, dependsOn = [] } of hooks) {
    for (const other of dependsOn) if (phaseOf.get(other) === phase) put(name, other)
  }
  for (const [index, { name, phase, dependsOn }] of hooks.entries()) {
    if (dependsOn !== undefined) continue
    const isFree = (other: Scenario) => other.dependsOn?.length === 0
    const earlier = hooks.slice(0, index).filter((other) => other.phase === phase && !isFree(other))
    const last = earlier.findLast((other) => !isBefore(other.name, name))
    if (last !== undefined) put(name, last.name)
  }
  return before
}

/** The longest way to the end of a hook, where each one on it counts as much as `weigh` says. */
export function longestWayTo(name: string, before: Relation, weigh: (name: string) => number): number {
  const ways = [...(before.get(name) as Set<string>)].map((direct) => longestWayTo(direct, before, weigh))
  return weigh(name) + Math.max(0, ...ways)
}

/** The same relation, looked at from the other end. */
export function turnedAround(before: Relation): Relation {
  const turned = new Map([...before.keys()].map((name) => [name, new Set<string>()]))
  for (const [name, others] of before) for (const other of others) turned.get(other)?.add(name)
  return turned
}
