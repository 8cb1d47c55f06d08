import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from '../setup.ts'
import { Connection, type Outcome } from './connection.ts'
import type { Ground } from './crowd.ts'

export type ProbeName = 'ready' | 'live'

/** The answers that a prober got, and when. */
export interface Probing {
  readonly name: ProbeName
  readonly path: string
  /** The status before the signal. */
  readonly before: number
  /** When the prober sent the last request that got a good status, in ms from the signal. */
  lastGood: number
  /** Each change after the signal: the time in ms from the signal, and the new status, or what came instead. */
  readonly changes: { readonly at: number; readonly answer: number | 'refused' | 'cut' }[]
}

/** The paths that are tried if the user names none. */
const usualPaths: Readonly<Record<ProbeName, readonly string[]>> = {
  ready: ['/readyz', '/ready', '/readiness', '/health/ready', '/health/readiness'],
  live: ['/livez', '/healthz', '/live', '/liveness', '/health/live', '/health/liveness', '/health']
}

const period = 25

/** The answer to one GET on a new connection. */
export async function get(target: Target, path: string, signal?: AbortSignal): Promise<Outcome> {
  const opening = await Connection.open(target, signal)
  if (!opening.isOpen) return opening
  const { connection } = opening
  const headers = [['Connection', 'close']] as const
  const outcome = await connection.request(target, path, { method: 'GET', headers, body: '' })
  connection.socket.destroy()
  return outcome
}

/** The path of a probe: the given path, or the usual path that this app answers. */
export async function probePathOf(
  { target, setup, over }: Ground,
  name: ProbeName
): Promise<string | undefined> {
  const given = setup[name]
  if (given !== undefined) return given === false ? undefined : given
  // If an app answers every path, its probe cannot be found.
  if (isProbe(await get(target, `/${randomUUID()}`, over))) return undefined
  for (const path of usualPaths[name]) if (isProbe(await get(target, path, over))) return path
  return undefined
}

function isProbe(outcome: Outcome): boolean {
  return outcome.kind === 'answered' && (outcome.head.status < 300 || outcome.head.status === 503)
}

/** Asks a probe again and again until the drill is over, each time on a new connection. */
export async function startProbing(ground: Ground, name: ProbeName, path: string): Promise<Probing> {
  const first = await get(ground.target, path, ground.over)
  const probing: Probing = {
    name,
    path,
    before: first.kind === 'answered' ? first.head.status : 0,
    lastGood: 0,
    changes: []
  }
  void goOn(ground, probing)
  return probing
}

async function goOn({ target, tally, over }: Ground, probing: Probing): Promise<void> {
  const { path, before, changes } = probing
  for (let last: number | string = before; ; ) {
    await sleep(period, undefined, { signal: over }).catch(() => {})
    const { signalledAt } = tally
    const sentAt = performance.now()
    const outcome = await get(target, path, over)
    if (over.aborted) return
    const answer = answerOf(outcome)
    // An answer to a request from before the signal says nothing about the shutdown.
    if (signalledAt === undefined || answer === undefined) continue
    if (isGood(answer)) probing.lastGood = sentAt - signalledAt
    if (answer === last) continue
    last = answer
    changes.push({ at: performance.now() - signalledAt, answer })
  }
}

/** Whether this answer of a probe means success for a platform. */
export function isGood(answer: number | string): boolean {
  return typeof answer === 'number' && answer >= 200 && answer < 400
}

function answerOf(outcome: Outcome): number | 'refused' | 'cut' | undefined {
  if (outcome.kind === 'answered') return outcome.head.status
  if (outcome.kind === 'unanswered') return undefined
  return outcome.kind === 'refused' ? 'refused' : 'cut'
}
