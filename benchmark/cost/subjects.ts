import { ours, subjects } from '../subjects.ts'
import type { Runs } from './method.ts'

/** The app without shutdown code, which all are measured against. */
export const control = 'none'

/** The same once more: how it differs from the first is noise. */
export const secondControl = 'none, again'

/** All that is measured while it serves. */
export const serving: readonly string[] = [control, secondControl, ...subjects.map(({ name }) => name)]

/** All that can shut down. */
export const ending: readonly string[] = subjects.map(({ name }) => name)

/** The subject's file. */
export function scriptOf(name: string): string {
  return name === secondControl ? control : name
}

export function runsOf(name: string, runs: Runs): number {
  return [ours, control, secondControl].includes(name) ? runs.ours : runs.peers
}

/** Each name as often as it is to run, so that the runs of one are spread over the whole time. */
export function interleaved(names: readonly string[], runs: Runs): string[] {
  const rounds = Array.from({ length: Math.max(runs.ours, runs.peers) }, (_, round) =>
    names.filter((name) => round < runsOf(name, runs))
  )
  return rounds.flat()
}
