import type { Observations } from '../observations.ts'
import { findInExit } from './exit.ts'
import type { Finding } from './finding.ts'
import { findNotes } from './notes.ts'
import { findInProbes } from './probes.ts'
import { findInRequests } from './requests.ts'
import { findInStreams } from './streams.ts'

/** What a drill has found: the faults, those first that explain others, and then the notes. */
export function findingsOf(seen: Observations): readonly Finding[] {
  const finders = [findInExit, findInRequests, findInProbes, findInStreams, findNotes]
  return finders.flatMap((find) => find(seen))
}
