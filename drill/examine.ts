import { setTimeout as sleep } from 'node:timers/promises'
import type { Ground } from './clients/crowd.ts'
import { get } from './clients/probes.ts'
import type { Stuck, Survivor } from './observations.ts'
import { listeningOf } from './processes/listening.ts'
import type { Subject } from './processes/subject.ts'

/** The number of processes of the app, and whether several of them accept connections on one socket. */
export async function familyOf({ family }: Subject): Promise<{ processCount: number; isCluster: boolean }> {
  const entries = await family.alive()
  const places = await Promise.all(
    entries.map(async ({ pid }) => (await listeningOf([pid])).map((each) => JSON.stringify(each)))
  )
  const all = places.flat()
  // The workers of a cluster have no listening socket of their own if the primary passes connections to them.
  const workers = entries.filter(({ command }) => command === entries[0]?.command && command !== '')
  return { processCount: entries.length, isCluster: new Set(all).size < all.length || workers.length > 1 }
}

/** The time limit of a request that tests whether the app still answers, in ms. */
const examination = 2_000

/** Finds out what an app still does if it has not ended in time. */
export async function examine({ target, setup, tally }: Ground): Promise<Stuck> {
  const answers = () => tally.counts.after.answered + tally.counts.after.toldToComeBack
  const unanswered = tally.inFlight
  const before = answers()
  const until = performance.now() + examination
  const outcome = await get(target, setup.paths[0] as string, AbortSignal.timeout(examination))
  while (outcome.kind === 'refused' && answers() === before && performance.now() < until) await sleep(20)
  return {
    answersNew: outcome.kind === 'answered',
    answersKept: answers() > before,
    isSilent: outcome.kind === 'unanswered',
    unanswered
  }
}

/**
 * How long a child process may outlive the process that got the signal before it counts as orphaned, in ms.
 */
const childGrace = 2_000

interface Left {
  readonly survivors: readonly Survivor[]
  readonly outlivedBySelf: boolean
  readonly portStaysTaken: boolean
}

/** The processes that are left when the process that got the signal is gone. */
export async function leftBehind({ target, setup }: Ground, { family, exit }: Subject): Promise<Left> {
  const nobody = { survivors: [], outlivedBySelf: false, portStaysTaken: false }
  if (exit === undefined) return nobody
  let entries = await family.alive()
  if (entries.length === 0) return nobody
  const answer = await get(target, setup.paths[0] as string, AbortSignal.timeout(childGrace))
  const outlivedBySelf = answer.kind === 'answered'
  const until = performance.now() + childGrace
  while (entries.length > 0 && performance.now() < until) {
    await sleep(50)
    entries = await family.alive()
  }
  const listening = await listeningOf(entries.map(({ pid }) => pid))
  return {
    survivors: entries.map(({ pid, command }) => ({ pid, command })),
    outlivedBySelf,
    portStaysTaken: listening.length > 0
  }
}
