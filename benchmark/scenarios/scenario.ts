import type { Running } from './running.ts'

/** How often clients saw what: an answer's status, or what came of a connection. */
export type Seen = Readonly<Record<string, number>>

/** What is counted where clients did not do what they should, because the machine had no time for them. */
export const disturbed = 'clients were disturbed'

/** Something that happens to an app that is told to end, and what ought to come of it. */
export interface Scenario {
  /** As it is called on the command line and in the results. */
  readonly name: string
  readonly title: string
  /** What happens, in a sentence or two. */
  readonly story: string
  /** What differs from the usual setup of a subject's process: see subjects/app/setup.js. */
  readonly setup: Readonly<Record<string, unknown>> & {
    readonly deadline: number
    readonly lameDuck?: number
  }
  /** What clients may see; `any` where it is not what this is about. Whatever is named nowhere is wrong. */
  readonly right: readonly string[] | 'any'
  /** What harms nobody, but leaves a client without a proper word. */
  readonly poor?: readonly string[]
  /** What is said of whatever is wrong; without it, that clients lost something. */
  readonly wrongly?: string
  /** How many shutdown hooks are to have begun. */
  readonly hooks: number
  /** How the process is to end: with 0, with anything else, or as it likes. */
  readonly exit: 'clean' | 'failed' | 'any'
  /** Whether it counts what could be lost by a machine that has other things to do. */
  readonly alone?: true
  /** Does it, and tells what clients saw. */
  act(running: Running): Promise<Seen>
}

/** Counts what was seen. */
export function tally(seen: readonly string[]): Seen {
  const counts: Record<string, number> = {}
  for (const one of seen) counts[one] = (counts[one] ?? 0) + 1
  return counts
}
