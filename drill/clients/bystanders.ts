import { setTimeout as sleep } from 'node:timers/promises'
import { Connection, type Opening } from './connection.ts'
import type { Ground } from './crowd.ts'

/** A connection on which nothing is sent, and when it was closed. */
export interface Bystander {
  readonly kind: 'idle' | 'silent'
  /** When the connection was closed, in ms after the signal. `undefined` if it was open to the end. */
  closedAt: number | undefined
}

/** Opens two connections: one is idle after a request, and on the other nothing was ever sent. */
export async function bystanders(ground: Ground): Promise<readonly Bystander[]> {
  const { target, setup, over } = ground
  const [idle, silent] = await Promise.all([Connection.open(target, over), Connection.open(target, over)])
  if (idle.isOpen) await idle.connection.request(target, setup.paths[0] as string, setup.request)
  return [watched(ground, 'idle', idle), watched(ground, 'silent', silent)].filter(
    (each) => each !== undefined
  )
}

function watched(ground: Ground, kind: Bystander['kind'], opening: Opening): Bystander | undefined {
  // A connection that ends before the signal, for example by a short keep-alive timeout, says nothing about the
  // shutdown.
  if (!opening.isOpen || !opening.connection.isUsable) return undefined
  const bystander: Bystander = { kind, closedAt: undefined }
  const { connection } = opening
  void connection.ended.then(() => {
    if (ground.over.aborted) return
    bystander.closedAt = connection.ending?.at
  })
  return bystander
}

/** The time between two reads of a slow reader, in ms. */
const readPeriod = 20

/**
 * Begins to read a response before the signal. Goes on slowly until `spread` ms after the signal, or until the exit.
 */
export async function slowReader(ground: Ground, spread: number): Promise<void> {
  const { target, tally, setup, over } = ground
  const path = setup.slowPath ?? (setup.paths[0] as string)
  tally.clients['slow reader'].all++
  const opening = await Connection.open(target, over)
  if (!opening.isOpen) return
  const { connection } = opening
  const { socket } = connection
  const sentAt = performance.now()
  let isOver = false
  const answered = connection.request(target, path, setup.request).then((outcome) => {
    isOver = true
    tally.add('slow reader', 0, `${setup.request.method} ${path}`, sentAt, outcome)
  })
  const pause = () => socket.pause()
  pause()
  socket.on('data', pause)
  const isTime = () =>
    !tally.hasEnded && (tally.signalledAt === undefined || performance.now() < tally.signalledAt + spread)
  while (!isOver && !over.aborted && isTime()) {
    await sleep(readPeriod, undefined, { signal: over }).catch(() => {})
    socket.resume()
  }
  socket.off('data', pause)
  socket.resume()
  await answered
}
