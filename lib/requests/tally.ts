import { namedAtMost, type Oldest } from '../bounds.ts'
import type { Exchange } from '../connections/exchange.ts'
import type { CutRequest, RequestTally } from '../report/report.ts'
import type { Cuts } from './cut.ts'
import { describeExchange } from './describe.ts'
import { isServedToTheEnd } from './route.ts'

/** Counts, from the shutdown's beginning on, how the requests end. */
export class Tally {
  inFlight = 0
  completed = 0
  aborted = 0

  /** Counts an exchange whose response has closed. */
  count({ fate, response }: Exchange): void {
    if (fate !== undefined) return
    // An HTTP/2 stream that was broken off also has `writableFinished`.
    if (response.writableEnded && response.writableFinished) this.completed++
    else this.aborted++
  }

  /** How the requests ended. If the shutdown ends early, the requests in flight count as cut. */
  of(flight: readonly Exchange[], cuts: Cuts, rejected: number): RequestTally {
    const { inFlight, completed, aborted } = this
    const endedHere = flight.filter((each) => each.fate === undefined && !isServedToTheEnd(each))
    const [left, cut] = [true, false].map((isGone) =>
      endedHere.filter(({ isClientGone }) => isClientGone === isGone)
    ) as [Exchange[], Exchange[]]
    return {
      ...{ inFlight, completed, rejected, aborted },
      ...{ cut: named(cuts.made, cut), cutCount: cuts.made.count + cut.length },
      ...{ left: named(cuts.left, left), leftCount: cuts.left.count + left.length }
    }
  }
}

/** The oldest requests of a kind. Those that were ended come before those that are still in flight. */
function named({ kept }: Oldest<CutRequest>, others: readonly Exchange[]): CutRequest[] {
  return [...kept, ...others.slice(0, namedAtMost - kept.length).map(describeExchange)]
}
