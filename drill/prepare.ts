import { setTimeout as sleep } from 'node:timers/promises'
import { type Bystander, bystanders } from './clients/bystanders.ts'
import { Connection } from './clients/connection.ts'
import type { Ground } from './clients/crowd.ts'
import { get, isGood, type Probing, probePathOf, startProbing } from './clients/probes.ts'
import { openStream, type StreamEnd } from './clients/stream.ts'
import { openWebSocket, type WebSocketEnd } from './clients/websocket.ts'
import { Failure } from './failure.ts'

interface Prepared {
  readonly probes: readonly Probing[]
  readonly webSockets: readonly WebSocketEnd[]
  readonly streams: readonly StreamEnd[]
  readonly quiet: readonly Bystander[]
}

/** Tries all paths, and opens the connections that are open at the signal. Takes at most as long as a boot may take. */
export async function prepare(ground: Ground, giveUp: AbortController): Promise<Prepared> {
  const { setup } = ground
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    giveUp.abort()
  }, setup.boot)
  try {
    await checkPaths(ground)
    const probes = await probesOf(ground)
    const webSockets = await Promise.all(setup.webSocketPaths.map((path) => openWebSocket(ground, path)))
    const streams = await Promise.all(setup.streamPaths.map((path) => openStream(ground, path)))
    const quiet = await bystanders(ground)
    ground.over.throwIfAborted()
    return { probes, webSockets, streams, quiet }
  } catch (error) {
    giveUp.abort()
    if (!isLate || (error instanceof Failure && error.code === 'never-ready')) throw error
    throw new Failure(
      'never-answered',
      `The app answers, but not every request: one got no answer within ${setup.boot / 1_000} s, before any signal.`
    )
  } finally {
    clearTimeout(timer)
  }
}

/** Checks that the app answers all paths. Otherwise the drill would prove nothing. */
async function checkPaths({ setup, target, over }: Ground): Promise<void> {
  const paths = setup.slowPath === undefined ? setup.paths : [...setup.paths, setup.slowPath]
  for (const path of new Set(paths)) {
    const opening = await Connection.open(target, over)
    const outcome = opening.isOpen ? await opening.connection.request(target, path, setup.request) : opening
    if (opening.isOpen) opening.connection.close()
    const { method } = setup.request
    if (outcome.kind !== 'answered') {
      throw new Failure(
        'wrong-answer',
        `${method} ${path} was not answered before any signal: ${outcome.kind}.`
      )
    }
    const { status } = outcome.head
    const isMissing = status === 404 && (setup.isPathGiven || path === setup.slowPath)
    if (isMissing) {
      throw new Failure(
        'wrong-answer',
        `${method} ${path} answers 404 before any signal. Name a path that the app answers: --path /orders`
      )
    }
    if (status >= 500) {
      throw new Failure(
        'wrong-answer',
        `${method} ${path} answers ${status} before any signal. Mend that first, or name another path: --path /orders`
      )
    }
  }
}

async function probesOf(ground: Ground): Promise<readonly Probing[]> {
  const probes: Probing[] = []
  for (const name of ['ready', 'live'] as const) {
    const path = await probePathOf(ground, name)
    if (path === undefined) continue
    if (name === 'ready') await untilReady(ground, path)
    probes.push(await startProbing(ground, name, path))
  }
  return probes
}

async function untilReady({ target, setup, over }: Ground, path: string): Promise<void> {
  let answer: number | string = 'nothing'
  while (!over.aborted) {
    const outcome = await get(target, path, over)
    if (outcome.kind === 'answered' && isGood(outcome.head.status)) return
    if (!over.aborted) answer = outcome.kind === 'answered' ? outcome.head.status : outcome.kind
    await sleep(100, undefined, { signal: over }).catch(() => {})
  }
  throw new Failure(
    'never-ready',
    `The readiness probe ${path} still answers ${answer} after ${setup.boot / 1_000} s. If that is no probe: --ready none`
  )
}
