import type { Observations } from '../../drill/observations.ts'
import { type ClientKind, Tally, type When } from '../../drill/tally.ts'

/** What a drill sees of an app that ends well, but for what is given. */
export function observations(differences: Partial<Observations> = {}): Observations {
  return {
    target: 'http://127.0.0.1:3000',
    bootTime: 300,
    signal: 'SIGTERM',
    grace: 10_000,
    loadTime: 3_000,
    tally: tallyOf({}),
    probes: [{ name: 'ready', path: '/readyz', before: 200, lastGood: 0, changes: [{ at: 5, answer: 503 }] }],
    bystanders: [],
    webSockets: [],
    streams: [],
    exit: { code: 0, signal: null, after: 2_000 },
    isOwnChild: true,
    stuck: undefined,
    survivors: [],
    outlivedBySelf: false,
    portStaysTaken: false,
    processCount: 1,
    isCluster: false,
    linesAfterSignal: 2,
    lastLines: '',
    report: undefined,
    isHandedOver: false,
    longestStall: 0,
    ...differences
  }
}

/** A tally with these counts; in each part, what is not named is as after a good end. */
export function tallyOf({
  counts = {},
  harm = {},
  ...others
}: {
  readonly counts?: Partial<Record<When, Partial<Tally['counts']['before']>>>
  readonly harm?: Partial<Record<'inFlight' | 'after', Partial<Record<ClientKind, number>>>>
} & Partial<
  Pick<
    Tally,
    'usual' | 'inFlightAtSignal' | 'withRetryAfter' | 'firstRefusal' | 'lastAnswer' | 'answeredAfterRefusal'
  >
> = {}): Tally {
  const tally = new Tally()
  tally.inFlightAtSignal = 3
  tally.usual.add(200)
  for (const when of ['before', 'inFlight', 'after'] as const) Object.assign(tally.counts[when], counts[when])
  for (const when of ['inFlight', 'after'] as const) Object.assign(tally.harm[when], harm[when])
  return Object.assign(tally, others)
}
