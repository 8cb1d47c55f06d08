import { shuffle } from 'simple-statistics'
import { type Subject, subjects } from '../subjects.ts'
import { scenarios } from './all.ts'
import type { Scenario } from './scenario.ts'

/** One run that is to be made. */
export interface Task {
  readonly scenario: Scenario
  readonly subject: Subject
}

/**
 * Everything once, in an order of chance, so that no subject always follows the same other; again for
 * each repeat. `only` names the scenarios and the subjects to which it is narrowed.
 */
export function tasks(repeats: number, only: readonly string[]): Task[] {
  const chosen = narrowed(subjects, only)
  const pairs = narrowed(scenarios, only).flatMap((scenario) =>
    chosen.map((subject) => ({ scenario, subject }))
  )
  refuseUnknown(only)
  return Array.from({ length: repeats }, () => shuffle(pairs)).flat()
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
