import { bytesOfJSON, longest, namedAtMost } from '../bounds.ts'
import { reduced } from '../telemetry/loggable.ts'
import { attempt } from '../validation/read.ts'
import type { Facts } from './facts.ts'

/** How many bytes a logger's bindings may take in the last line. Larger ones are left out. */
const mostOfBindings = 2_000

/** How many bytes the facts may take in the last line, whose stack takes as much. */
const mostOfFacts = 7_000

/** The facts as the last line has them: however long names are, or how many there are, it is one short line. */
export function boundedFacts(facts: Facts): Facts {
  // A logger's bindings may be anything, also what is no JSON.
  const fits = attempt(() => bytesOfJSON(facts.bindings) <= mostOfBindings, false)
  const { terminationLog, ...said } = { ...facts, bindings: fits ? facts.bindings : {} }
  const shorter = reduced(said, namedAtMost, longest.name) as Facts
  const short = bytesOfJSON(shorter) <= mostOfFacts ? shorter : (reduced(said, 5, 100) as Facts)
  // It is no part of the line, and half of a path is no path.
  return terminationLog === undefined ? short : { ...short, terminationLog }
}
