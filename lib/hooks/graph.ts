import {
  FST_LIFECYCLE_HOOK_CYCLE,
  FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN,
  FST_LIFECYCLE_HOOK_ORDER
} from '../errors.ts'
import { type HookPhase, hookPhases } from '../phases.ts'
import { nearest } from '../validation/nearest.ts'
import type { Hook } from './hook.ts'

/** For each hook, the hooks that it stops before. */
type Edges = ReadonlyMap<Hook, readonly Hook[]>

/** The hooks of one phase, and what each of them waits for. */
export class HookPlan {
  /** The hooks in the order in which they begin if they do not wait for each other: last in, first out. */
  readonly hooks: readonly Hook[]
  readonly #stopsBefore: Edges
  readonly #waitsFor: Edges
  readonly #behind = new Map<Hook, number>()

  constructor(phase: HookPhase, edges: Edges) {
    const isHere = (hook: Hook) => hook.phase === phase
    this.hooks = [...edges.keys()].filter(isHere).reverse()
    this.#stopsBefore = new Map(this.hooks.map((hook) => [hook, (edges.get(hook) as Hook[]).filter(isHere)]))
    this.#waitsFor = turnedAround(this.#stopsBefore)
    // Begins with the hook that was registered first. Most hooks depend on earlier ones, so this keeps the
    // recursion shallow.
    for (const hook of this.hooks.toReversed()) this.behind(hook)
  }

  /** The hooks of this phase that wait for this hook. */
  stopsBefore(hook: Hook): readonly Hook[] {
    return this.#stopsBefore.get(hook) as readonly Hook[]
  }

  /** The hooks that this hook waits for. */
  waitsFor(hook: Hook): readonly Hook[] {
    return this.#waitsFor.get(hook) as readonly Hook[]
  }

  /** The length of the longest chain of hooks that wait for this hook, each for the one before. */
  behind(hook: Hook): number {
    const known = this.#behind.get(hook)
    if (known !== undefined) return known
    const behind = Math.max(0, ...this.stopsBefore(hook).map((next) => 1 + this.behind(next)))
    this.#behind.set(hook, behind)
    return behind
  }

  /** The length of the longest chain of hooks that run one after another. */
  get length(): number {
    return Math.max(0, ...this.hooks.map((hook) => 1 + this.behind(hook)))
  }
}

function turnedAround(edges: Edges): Edges {
  const turned = new Map([...edges.keys()].map((hook) => [hook, [] as Hook[]]))
  for (const [hook, next] of edges) for (const each of next) turned.get(each)?.push(hook)
  return turned
}

/**
 * Finds out which hooks each hook stops before. The names in `dependsOn` come first. A hook without
 * `dependsOn` stops before the previous hook of its phase, so the plain order is last in, first out. That
 * search skips hooks that depend on it, because implicit order never conflicts with an explicit `dependsOn`.
 * It also skips free hooks (`dependsOn: []`), because nothing may hold them.
 */
export function edgesOf(hooks: readonly Hook[]): Edges {
  const edges = new Map<Hook, readonly Hook[]>()
  for (const hook of hooks) edges.set(hook, namedBy(hook, hooks))
  refuseCycles(edges)
  // An earlier hook can only lead to a later one if some hook names the later one in `dependsOn`.
  const isNamed = new Set([...edges.values()].flat())
  for (const [index, hook] of hooks.entries()) {
    if (hook.dependsOn !== undefined) continue
    const dependsOnIt = (one: Hook) => isNamed.has(hook) && reaches(edges, one, hook)
    const orders = (one: Hook) => one.phase === hook.phase && !isFree(one) && !dependsOnIt(one)
    const before = hooks.slice(0, index).findLast(orders)
    if (before !== undefined) edges.set(hook, [before])
  }
  return edges
}

function isFree({ dependsOn }: Hook): boolean {
  return dependsOn?.length === 0
}

/** Finds and checks the hooks that a hook names in `dependsOn`. */
export function namedBy(hook: Hook, hooks: readonly Hook[]): Hook[] {
  return (hook.dependsOn ?? []).map((name) => {
    const found = hooks.find((other) => other.name === name)
    if (found === undefined) {
      const known = hooks.map((other) => other.name).filter((other) => other !== hook.name)
      throw new FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN(hook.name, name, adviceFor(name, known))
    }
    if (hookPhases.indexOf(found.phase) < hookPhases.indexOf(hook.phase)) {
      throw new FST_LIFECYCLE_HOOK_ORDER(`'${hook.name}' in '${hook.phase}'`, `'${name}'`, `'${found.phase}'`)
    }
    return found
  })
}

function adviceFor(name: string, known: readonly string[]): string {
  const similar = nearest(name, known)
  if (similar !== undefined) return `Did you mean '${similar}'?`
  return known.length === 0 ? 'There is no other hook.' : `Known are: ${known.join(', ')}.`
}

function refuseCycles(edges: Edges): void {
  const safe = new Set<Hook>()
  for (const hook of edges.keys()) {
    const cycle = cycleFrom(hook, edges, safe, [])
    if (cycle !== undefined) throw new FST_LIFECYCLE_HOOK_CYCLE(cycle.map(({ name }) => name).join(' → '))
  }
}

/** The path from a hook back to itself, if this hook leads to such a cycle. */
function cycleFrom(hook: Hook, edges: Edges, safe: Set<Hook>, path: readonly Hook[]): Hook[] | undefined {
  if (safe.has(hook)) return undefined
  const from = path.indexOf(hook)
  if (from >= 0) return [...path.slice(from), hook]
  for (const next of edges.get(hook) as readonly Hook[]) {
    const cycle = cycleFrom(next, edges, safe, [...path, hook])
    if (cycle !== undefined) return cycle
  }
  safe.add(hook)
  return undefined
}

function reaches(edges: Edges, from: Hook, to: Hook): boolean {
  const seen = new Set([from])
  for (const hook of seen) {
    if (hook === to) return true
    for (const next of edges.get(hook) as readonly Hook[]) seen.add(next)
  }
  return false
}
