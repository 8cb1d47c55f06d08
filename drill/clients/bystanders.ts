import { setTimeout as sleep } from 'node:timers/promises'
import { Connection, type Opening } from './connection.ts'
import type { Ground } from './crowd.ts'

/** A connection on which nothing is sent, and what happened to it. */
export interface Bystander {
  readonly kind: 'idle' | 'silent'
  /** When the connection was closed, in ms after the signal. `undefined` if it was open to the end. */
  closedAt: number | undefined
}

/** Opens a connection that is idle after a request, and one on which nothing was ever sent. */
export async function bystanders(ground: Ground): Promise<readonly Bystander[]> {
  const { target, setup, over } = ground
  const [idle, silent] = await Promise.all([Connection.open(target, over), Connection.open(target, over)])
  if (idle.isOpen) await idle.connection.request(target, setup.paths[0] as string, setup.request)
  return [watched(ground, 'idle', idle), watched(ground, 'silent', silent)].filter(
    (each) => each !== undefined
  )
}

function watched(ground: Ground, kind: Bystander['kind'], opening: Opening): Bystander | undefined {
  // One that ends before the signal, as by a short keep-alive timeout, tells nothing.
  if (!opening.isOpen || !opening.connection.isUsable) return undefined
  const bystander: Bystander = { kind, closedAt: undefined }
  const { connection } = opening
  void connection.ended.then(() => {
    if (ground.over.aborted) return
    bystander.closedAt = connection.ending?.at
  })
  return bystander
}

/** How often a slow reader reads a part, in ms. */
const readPeriod = 20

/** Begins before the signal to read a response, and goes on slowly until `spread` ms after the signal, or the exit. */
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
