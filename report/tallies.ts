import type { Report } from '../lib/report/report.ts'
import { type Fact, factLines } from './facts.ts'
import type { Line } from './line.ts'
import { milliseconds } from './milliseconds.ts'
import { quantity } from './quantity.ts'

/**
 * Lines about the used part of the deadline, the lame duck, the requests, the connections and the tracked work.
 */
export function tallies(report: Report, width: number): Line[] {
  const kinds = [time, lameDuck, handOver, requests, connections, work]
  return kinds.flatMap((factsOf) => factLines(factsOf(report), width))
}

function time({ duration, deadline, budgetUsed }: Report): Fact[] {
  const share = Math.round(100 * budgetUsed)
  return [plain(`${milliseconds(duration)} of ${milliseconds(deadline)} ms used (${share} %)`)]
}

function lameDuck({ lameDuck: { ended, saved } }: Report): Fact[] {
  if (ended !== 'probes' && ended !== 'signal') return []
  const by = ended === 'probes' ? 'its probes' : 'a second SIGINT'
  return [plain(`lame duck ended by ${by}, ${milliseconds(saved)} ms early`)]
}

function handOver({ handOver: facts }: Report): Fact[] {
  if (facts === undefined) return []
  const { at, connections, requests } = facts
  const left = `with ${quantity(connections, 'connection')} open`
  return [
    plain(`handed over after ${milliseconds(at)} ms, ${left}`),
    plain(`${quantity(requests, 'request')} after that`)
  ]
}

function requests({
  requests: { inFlight, completed, rejected, aborted, cutCount, leftCount }
}: Report): Fact[] {
  return [
    plain(`requests: ${inFlight} at the start`),
    plain(`${completed} completed`),
    plain(`${rejected} rejected`),
    plain(`${aborted} aborted`),
    cutFact(cutCount),
    ...(leftCount > 0 ? [bad(`${leftCount} left`)] : [])
  ]
}

/** The connections of each kind. The first kind names what is counted, the others give only their own names. */
function connections({ connections: { http1, http2, websocket, upgraded } }: Report): Fact[] {
  const kinds: readonly [kind: string, count: number][] = [
    ['HTTP/1', http1],
    ['HTTP/2', http2],
    ['WebSocket', websocket],
    ['upgraded', upgraded]
  ]
  const present = kinds.filter(([, count]) => count > 0)
  return present.map(([kind, count], index) =>
    plain(index === 0 ? `${quantity(count, `${kind} connection`)} at the start` : `${count} ${kind}`)
  )
}

function work({ work: { inFlight, completed, failed, refused, cutCount } }: Report): Fact[] {
  if (inFlight + completed + failed + refused + cutCount === 0) return []
  return [
    plain(`tracked work: ${inFlight} at the start`),
    plain(`${completed} completed`),
    plain(`${failed} failed`),
    plain(`${refused} refused`),
    cutFact(cutCount)
  ]
}

function plain(text: string): Fact {
  return { text, tone: 'plain' }
}

function bad(text: string): Fact {
  return { text, tone: 'bad' }
}

function cutFact(count: number): Fact {
  return count === 0 ? plain('0 cut') : bad(`${count} cut`)
}
