import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppProcess } from '../support/app-process.ts'
import { closedLoop } from '../support/client.ts'

// Twenty clients that reuse their connections every few ms, and a signal at a random moment. They
// retry on nothing but a refused connection or a 503: any other end of a request is a lost one.

const clients = 20
const pause = 6
const lameDuck = 300

/** What became of one run. */
export interface SoakRun {
  readonly seed: number
  readonly served: number
  readonly rejected: number
  readonly lost: readonly string[]
  readonly exitCode: number | null
  /**
   * Whether the clients were stopped for so long that they did not use their connections every few
   * ms: one that sleeps through the shedding reuses a connection that no one has told it about.
   */
  readonly stalled: boolean
}

/** One run; the same seed signals after the same time. */
export async function soakRun(seed: number): Promise<SoakRun> {
  const app = new AppProcess('transports', { options: { lameDuck } }, {})
  try {
    const [address] = await app.listening()
    const loop = closedLoop((address as AddressInfo).port, '/', clients, { pause })
    await sleep(50 + random(seed) * 300)
    app.kill('SIGTERM')
    const { answers, lost, longestStall } = await loop
    const { code } = await app.exited
    const count = (status: number) => answers.filter((answer) => answer.status === status).length
    const stalled = longestStall > lameDuck / 4
    return { seed, served: count(200), rejected: count(503), lost: lost.map(String), exitCode: code, stalled }
  } finally {
    app.kill('SIGKILL')
  }
}

/** A number from 0 to 1 that only the seed decides (one step of the mulberry32 generator). */
export function random(seed: number): number {
  let bits = (seed + 0x6d2b79f5) | 0
  bits = Math.imul(bits ^ (bits >>> 15), bits | 1)
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
}
