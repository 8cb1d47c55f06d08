import { bytesOfJSON, longest, namedAtMost } from '../bounds.ts'
import { reduced } from '../telemetry/loggable.ts'
import { attempt } from '../validation/read.ts'
import type { Facts } from './facts.ts'

/** How many bytes a logger's bindings may take in the last line. Larger ones are left out. */
const mostOfBindings = 2_000

/** How many bytes the facts may take in the last line. The stack may take about as many again. */
const mostOfFacts = 7_000

/** The facts for the last line. They stay short, however many names there are, and however long each name is. */
export function boundedFacts(facts: Facts): Facts {
  // A logger's bindings may be anything, also a value that JSON cannot express.
  const fits = attempt(() => bytesOfJSON(facts.bindings) <= mostOfBindings, false)
  const { terminationLog, ...said } = { ...facts, bindings: fits ? facts.bindings : {} }
  const shorter = reduced(said, namedAtMost, longest.name) as Facts
  const short = bytesOfJSON(shorter) <= mostOfFacts ? shorter : (reduced(said, 5, 100) as Facts)
  // The path of the termination log is not part of the line. It stays whole, because a shortened path is
  // useless.
  return terminationLog === undefined ? short : { ...short, terminationLog }
}
