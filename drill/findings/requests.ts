import type { Observations } from '../observations.ts'
import { count, type Finding, fault, ms } from './finding.ts'

/** The faults in what happened to requests. */
export function findInRequests(seen: Observations): readonly Finding[] {
  return [
    ...inFlightLost(seen),
    ...lostOnKept(seen),
    ...lostOnNew(seen),
    ...slowReaderCut(seen),
    ...answersErrors(seen),
    ...refuses(seen)
  ]
}

function inFlightLost({ tally, signal }: Observations): readonly Finding[] {
  const { reusing, fresh } = tally.harm.inFlight
  if (reusing + fresh === 0) return []
  return [
    fault(
      'in-flight-lost',
      `${count(reusing + fresh, 'request')} in flight at the signal ${reusing + fresh === 1 ? 'was' : 'were'} lost`,
      'The app had begun to work on them. Their clients got no response, and cannot know what was done.',
      `On ${signal}, stop taking requests, and wait for those in flight before the process exits. The plugin does: app.register(lifecycle).`
    )
  ]
}

function lostOnKept({ tally }: Observations): readonly Finding[] {
  const { hurt, all } = tally.clients.reusing
  if (tally.harm.after.reusing === 0) return []
  const how = tally.mishaps.some(({ detail }) => detail.includes('ECONNRESET')) ? ' to a reset' : ''
  return [
    fault(
      'lost-on-kept',
      `${hurt} of ${all} clients that reuse connections lost a request${how}`,
      'The app ended connections on which their next request was already under way. Balancers and browsers reuse connections.',
      'Answer with `Connection: close` first, and end a connection only after that answer. The plugin does.'
    )
  ]
}

function lostOnNew({ tally }: Observations): readonly Finding[] {
  const lost = tally.harm.after.fresh
  if (lost === 0) return []
  return [
    fault(
      'lost-on-new',
      `${count(lost, 'request')} on new connections ${lost === 1 ? 'was' : 'were'} lost`,
      'The connections were taken, and ended without an answer.',
      'Keep the listener open until the requests that have arrived are answered, and close it in a quiet moment. The plugin does.'
    )
  ]
}

function slowReaderCut({ tally }: Observations): readonly Finding[] {
  if (tally.harm.inFlight['slow reader'] === 0) return []
  return [
    fault(
      'slow-reader-cut',
      'A client that reads slowly got only a part of its response',
      'The response was written, but not yet sent: Node.js closes such a connection as idle. Downloads over slow networks break.',
      "Wait for the response's `close` event before its connection is ended. The plugin does."
    )
  ]
}

function answersErrors({ tally }: Observations): readonly Finding[] {
  const failed = tally.counts.inFlight.failed + tally.counts.after.failed
  if (failed === 0) return []
  const statuses = [...tally.failures].map(([status, times]) => `${times} × ${status}`).join(', ')
  return [
    fault(
      'answers-errors',
      `${count(failed, 'request')} ${failed === 1 ? 'was' : 'were'} answered with an error after the signal${statuses && ` (${statuses})`}`,
      'Something that requests need, such as a database, is closed before the requests are done.',
      'Close in this order: first the requests, then what they use. With the plugin, close it in app.onShutdown(…).'
    )
  ]
}

/** How long an answer may take to arrive on a busy machine, in ms. */
const slack = 250

function refuses({ tally, isHandedOver, longestStall }: Observations): readonly Finding[] {
  const { firstRefusal, lastAnswer = 0, answeredAfterRefusal, counts } = tally
  if (isHandedOver || firstRefusal === undefined) return []
  const servedOn = lastAnswer - firstRefusal
  if (answeredAfterRefusal === 0 && servedOn < slack + longestStall) return []
  return [
    fault(
      'refuses',
      `New connections were refused from ${ms(firstRefusal)} on, while others were served for ${ms(Math.max(0, servedOn))} more`,
      `${count(counts.after.refused, 'attempt')} to connect failed. A balancer needs seconds to notice that an app ends; until then its clients see errors.`,
      'Keep listening while the app drains: answer new requests, or tell them to come back with 503 and `Retry-After`. The plugin does. If other processes take the new connections, as in a cluster: --hand-over'
    )
  ]
}
