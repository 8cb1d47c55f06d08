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

  /** The response of this exchange has closed. */
  count({ fate, response }: Exchange): void {
    if (fate !== undefined) return
    // A stream of HTTP/2 that is broken off counts itself as finished.
    if (response.writableEnded && response.writableFinished) this.completed++
    else this.aborted++
  }

  /** How the requests ended. When the shutdown ends before its time, what is in flight is cut by that. */
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

/** The oldest requests of a kind, those that were ended first before those that are in flight still. */
function named({ kept }: Oldest<CutRequest>, others: readonly Exchange[]): CutRequest[] {
  return [...kept, ...others.slice(0, namedAtMost - kept.length).map(describeExchange)]
}
