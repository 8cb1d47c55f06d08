import { setMaxListeners } from 'node:events'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { type Bystander, slowReader } from './clients/bystanders.ts'
import { crowd, type Ground } from './clients/crowd.ts'
import { examine, familyOf, leftBehind } from './examine.ts'
import { endedUnderLoad } from './failure.ts'
import { freePort } from './free-port.ts'
import { locate } from './locate.ts'
import type { Observations } from './observations.ts'
import { prepare } from './prepare.ts'
import { lastWords, reportIn, tailOf } from './processes/output.ts'
import { running } from './processes/running.ts'
import { start } from './processes/started.ts'
import type { Subject } from './processes/subject.ts'
import { type DrillSetup, nameOfTarget } from './setup.ts'
import { watchStalls } from './stalls.ts'
import { Tally } from './tally.ts'

/** Receives the progress of a drill. */
export interface Watcher {
  onStep?(step: Step): void
  /** Aborts when the drill must stop early. */
  readonly signal?: AbortSignal
}

export type Step =
  | { readonly name: 'starting' }
  | { readonly name: 'answers'; readonly target: string; readonly bootTime: number }
  | { readonly name: 'load'; readonly tally: Tally }
  | { readonly name: 'signalled'; readonly tally: Tally }
  | { readonly name: 'ended' }

/** How long the signal may wait for a moment with a request in flight, in ms. */
const lull = 1_000
/** How long a slow reader goes on after the signal, in ms. */
const slowReading = 1_000
/** How long the clients may take after the exit to read data that was sent before, in ms. */
const lastReading = 2_000

/**
 * Runs one drill: starts the app, puts load on it, signals it in the middle of the load, and watches until it is
 * gone. In the end, no process of the app is left. Throws a `Failure` if the drill cannot be carried out.
 */
export async function drill(setup: DrillSetup, watcher: Watcher = {}): Promise<Observations> {
  watcher.onStep?.({ name: 'starting' })
  const port = setup.port ?? (await freePort())
  const subject = setup.pid === undefined ? await start(setup, port) : running(setup.pid)
  const giveUp = () => void subject.end()
  watcher.signal?.addEventListener('abort', giveUp)
  try {
    return await carryOut(setup, subject, port, watcher)
  } finally {
    watcher.signal?.removeEventListener('abort', giveUp)
    await subject.end()
  }
}

async function carryOut(
  setup: DrillSetup,
  subject: Subject,
  port: number,
  { onStep }: Watcher
): Promise<Observations> {
  const target = await locate(setup, subject, port)
  const bootTime = performance.now() - subject.startedAt
  onStep?.({ name: 'answers', target: nameOfTarget(target), bootTime })

  const tally = new Tally()
  const giveUp = new AbortController()
  // Each client adds a listener.
  setMaxListeners(0, giveUp.signal)
  const ground: Ground = { setup, target, tally, over: giveUp.signal }
  const { probes, webSockets, streams, quiet } = await prepare(ground, giveUp)
  const { processCount, isCluster } = await familyOf(subject)

  onStep?.({ name: 'load', tally })
  const stalls = watchStalls()
  const slow = slowReader(ground, slowReading)
  const clients = Promise.all([crowd(ground), slow])
  try {
    await endsWithin(subject, setup.load)
    await someInFlight(tally, lull)
    if (subject.exit !== undefined) throw endedUnderLoad(subject.exit, tailOf(subject.output))

    const linesBefore = subject.output?.count ?? 0
    tally.signal()
    const signalledAt = tally.signalledAt as number
    subject.signal(setup.signal)
    onStep?.({ name: 'signalled', tally })
    const isGone = await endsWithin(subject, setup.grace)
    const stuck = isGone ? undefined : await examine(ground)
    // The system has already delivered everything up to the exit. These turns of the event loop read it.
    tally.hasEnded = isGone
    if (isGone)
      await Promise.all([sleep(20), Promise.race([slow, sleep(lastReading, undefined, { ref: false })])])
    const left = await leftBehind(ground, subject)
    giveUp.abort()
    await clients
    await subject.end()
    onStep?.({ name: 'ended' })

    const since = (at: number | undefined) => at && at - signalledAt
    const exit = isGone ? await subject.exited : undefined
    return {
      target: nameOfTarget(target),
      bootTime,
      signal: setup.signal,
      grace: setup.grace,
      loadTime: setup.load,
      tally,
      probes,
      bystanders: quiet.map((each): Bystander => ({ ...each, closedAt: since(each.closedAt) })),
      webSockets: webSockets.map((each) => ({ ...each, closedAt: since(each.closedAt) })),
      streams: streams.map((each) => ({ ...each, closedAt: since(each.closedAt) })),
      exit: exit && { code: exit.code, signal: exit.signal, after: exit.at - signalledAt },
      isOwnChild: subject.output !== undefined,
      stuck,
      ...left,
      processCount,
      isCluster,
      linesAfterSignal: subject.output && subject.output.count - linesBefore,
      lastLines: lastWords(subject.output?.since(linesBefore) ?? []),
      report: reportIn(subject.output?.lines ?? []),
      isHandedOver: setup.isHandedOver,
      longestStall: stalls.longest()
    }
  } finally {
    giveUp.abort()
    stalls.stop()
  }
}

/** Waits until the process is gone, for `time` ms at most. Returns whether it is gone. */
async function endsWithin({ exited }: Subject, time: number): Promise<boolean> {
  const timer = new AbortController()
  const isOver = sleep(time, false, { signal: timer.signal }).catch(() => false)
  const isGone = await Promise.race([exited.then(() => true), isOver])
  timer.abort()
  return isGone
}

/** Waits until a request is in flight, for `time` ms at most: between requests, a signal shows nothing of them. */
async function someInFlight(tally: Tally, time: number): Promise<void> {
  const end = performance.now() + time
  while (tally.inFlight === 0 && performance.now() < end) await turn()
}
