import type { Report } from '../lib/report.ts'
import { type Fact, factLines } from './facts.ts'
import type { Line } from './line.ts'
import { milliseconds } from './milliseconds.ts'
import { quantity } from './quantity.ts'

/** What became of the lame duck, of the requests, of the connections and of the tracked work. */
export function tallies(report: Report, width: number): Line[] {
  return [lameDuck, requests, connections, work].flatMap((factsOf) => factLines(factsOf(report), width))
}

function lameDuck({ lameDuck: { ended, saved } }: Report): Fact[] {
  if (ended !== 'probes') return []
  return [plain(`lame duck ended by its probes, ${milliseconds(saved)} ms early`)]
}

function requests({ requests: { inFlight, completed, rejected, aborted, cut } }: Report): Fact[] {
  return [
    plain(`${quantity(inFlight, 'request')} in flight at T0`),
    plain(`${completed} completed`),
    plain(`${rejected} rejected`),
    plain(`${aborted} aborted`),
    cutFact(cut.length)
  ]
}

/** The first kind that there is says what is counted, the others only their names. */
function connections({ connections: { http1, http2, websocket, upgraded } }: Report): Fact[] {
  const kinds: readonly [kind: string, count: number][] = [
    ['HTTP/1', http1],
    ['HTTP/2', http2],
    ['WebSocket', websocket],
    ['upgraded', upgraded]
  ]
  const present = kinds.filter(([, count]) => count > 0)
  return present.map(([kind, count], index) =>
    plain(index === 0 ? `${quantity(count, `${kind} connection`)} at T0` : `${count} ${kind}`)
  )
}

function work({ work: { inFlight, completed, failed, refused, cut } }: Report): Fact[] {
  if (inFlight + completed + failed + refused + cut.length === 0) return []
  return [
    plain(`tracked work: ${inFlight} in flight at T0`),
    plain(`${completed} completed`),
    plain(`${failed} failed`),
    plain(`${refused} refused`),
    cutFact(cut.length)
  ]
}

function plain(text: string): Fact {
  return { text, tone: 'plain' }
}

function cutFact(count: number): Fact {
  return { text: `${count} cut`, tone: count === 0 ? 'plain' : 'bad' }
}
