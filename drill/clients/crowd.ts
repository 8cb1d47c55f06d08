import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { DrillSetup, Target } from '../setup.ts'
import type { Tally } from '../tally.ts'
import { Connection } from './connection.ts'

/** How long a client that could not connect waits before it tries again, in ms. */
const reconnectPause = 100
/** A fifth of the requests are sent on a new connection each. */
const freshShare = 0.2

/** What all clients of a drill share. */
export interface Ground {
  readonly setup: DrillSetup
  readonly target: Target
  readonly tally: Tally
  /** Aborts when the clients must stop. */
  readonly over: AbortSignal
}

/** Runs the clients that send one request after another. Resolves when they have stopped. */
export async function crowd(ground: Ground): Promise<void> {
  const { clients, rate } = ground.setup
  const fresh = Math.max(1, Math.round(clients * freshShare))
  const pause = (share: number, count: number) => (count / (rate * share)) * 1_000
  ground.tally.clients.reusing.all += clients
  ground.tally.clients.fresh.all += fresh
  await Promise.all([
    ...Array.from({ length: clients }, (_, id) => reusing(ground, id, pause(1 - freshShare, clients))),
    ...Array.from({ length: fresh }, (_, id) => freshOnes(ground, id, pause(freshShare, fresh)))
  ])
}

/** A client that keeps its connection as long as the server keeps it. */
async function reusing(ground: Ground, id: number, meanPause: number): Promise<void> {
  const { target, tally, setup, over } = ground
  let connection: Connection | undefined
  for (let turns = id; !over.aborted; turns++) {
    await pauseOf(meanPause, over)
    // Reads everything that has arrived, so that no request is sent on a connection that has visibly ended.
    await turn()
    if (over.aborted) break
    const path = setup.paths[turns % setup.paths.length] as string
    const sentAt = performance.now()
    if (!connection?.isUsable) {
      connection?.socket.destroy()
      const opening = await Connection.open(target, over)
      if (!opening.isOpen) {
        if (!over.aborted) tally.add('reusing', id, path, sentAt, opening)
        await pauseOf(reconnectPause, over)
        continue
      }
      connection = opening.connection
    }
    tally.inFlight++
    const outcome = await connection.request(target, path, setup.request)
    tally.inFlight--
    tally.add('reusing', id, `${setup.request.method} ${path}`, sentAt, outcome)
  }
}

/** A client that makes a connection for each request. */
async function freshOnes(ground: Ground, id: number, meanPause: number): Promise<void> {
  const { target, tally, setup, over } = ground
  const request = { ...setup.request, headers: [...setup.request.headers, ['Connection', 'close'] as const] }
  for (let turns = id; !over.aborted; turns++) {
    await pauseOf(meanPause, over)
    if (over.aborted) break
    const path = setup.paths[turns % setup.paths.length] as string
    const sentAt = performance.now()
    const opening = await Connection.open(target, over)
    if (!opening.isOpen) {
      if (!over.aborted) tally.add('fresh', id, path, sentAt, opening)
      await pauseOf(reconnectPause, over)
      continue
    }
    const { connection } = opening
    tally.inFlight++
    const outcome = await connection.request(target, path, request)
    tally.inFlight--
    tally.add('fresh', id, `${setup.request.method} ${path}`, sentAt, outcome)
    connection.socket.destroy()
  }
}

async function pauseOf(mean: number, signal: AbortSignal): Promise<void> {
  await sleep(2 * mean * Math.random(), undefined, { signal }).catch(() => {})
}
