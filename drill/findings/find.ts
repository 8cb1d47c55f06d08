import type { Observations } from '../observations.ts'
import { findInExit } from './exit.ts'
import type { Finding } from './finding.ts'
import { findNotes } from './notes.ts'
import { findInProbes } from './probes.ts'
import { findInRequests } from './requests.ts'
import { findInStreams } from './streams.ts'

/** The findings of a drill: the faults, and then the notes. A fault that explains others comes before them. */
export function findingsOf(seen: Observations): readonly Finding[] {
  const finders = [findInExit, findInRequests, findInProbes, findInStreams, findNotes]
  return finders.flatMap((find) => find(seen))
}
