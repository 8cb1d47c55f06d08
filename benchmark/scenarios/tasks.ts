import { shuffle } from 'simple-statistics'
import { type Node, nodes, reference } from '../nodes.ts'
import { type Subject, subjects } from '../subjects.ts'
import { scenarios } from './all.ts'
import type { Scenario } from './scenario.ts'

/** One run that is to be made. */
export interface Task {
  readonly scenario: Scenario
  readonly subject: Subject
  readonly node: Node
}

/**
 * Everything once, in an order of chance, so that no subject always follows the same other; again for
 * each repeat, and once with each other Node.js. `only` names the scenarios and the subjects to which it is narrowed.
 */
export function tasks(repeats: number, only: readonly string[], others = true): Task[] {
  const chosen = narrowed(subjects, only)
  const pairs = narrowed(scenarios, only).flatMap((scenario) =>
    chosen.map((subject) => ({ scenario, subject }))
  )
  refuseUnknown(only)
  return nodes
    .filter((node) => node === reference || others)
    .flatMap((node) =>
      Array.from({ length: node === reference ? repeats : 1 }, () =>
        shuffle(pairs).map((pair) => ({ ...pair, node }))
      ).flat()
    )
}

/** Those that are named; all of them where none is. */
function narrowed<Named extends { readonly name: string }>(
  all: readonly Named[],
  only: readonly string[]
): readonly Named[] {
  const named = all.filter(({ name }) => only.includes(name))
  return named.length === 0 ? all : named
}

function refuseUnknown(only: readonly string[]): void {
  const known = [...scenarios, ...subjects].map(({ name }) => name)
  const unknown = only.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}. Known are ${known.join(', ')}`)
}
