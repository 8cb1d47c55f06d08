import { setTimeout as sleep } from 'node:timers/promises'
import { median } from 'simple-statistics'
import type { Owner } from '../../test/support/proxy.ts'
import { behindHAProxy } from './behind-haproxy.ts'
import { behindNGINX } from './behind-nginx.ts'
import { budgetOf } from './budget.ts'
import type { Cell } from './cells.ts'
import { inKubernetes } from './in-kubernetes.ts'
import type { End } from './instance.ts'
import { Load } from './load.ts'
import type { Platform } from './platform.ts'
import type { Tally } from './tally.ts'

/** What came of one cell. */
export interface Outcome extends Cell {
  /** The options that the app had. */
  readonly options: ReturnType<typeof budgetOf>['app']
  /** Requests per second. */
  readonly rate: number
  readonly tally: Tally
  /** From the first signal to the last new instance in use, in ms. */
  readonly took: number
  /** From a signal to the exit, in ms; the median. */
  readonly restart: number
  /** How many ended with which exit code or signal. */
  readonly exits: Readonly<Record<string, number>>
  /** What the balancer said of requests that did not end well. */
  readonly troubles: Readonly<Record<string, number>>
}

const connections = 50

/** Time without a restart, in ms: before the first, and after each. */
const rest = 500

/** Restarts the instances one after another, under load. */
export async function roll(owner: Owner, cell: Cell, rateFor: RateFor): Promise<Outcome> {
  const platform = await platformFor(owner, cell)
  const protocol = cell.front.kind === 'kubernetes' ? 'HTTP/1.1' : cell.front.client
  const load = new Load(owner, { port: platform.port, protocol, connections })
  const rate = await rateFor(cell, load)
  await load.begin(rate)
  await sleep(rest)
  const begin = performance.now()
  const ends: End[] = []
  for (let count = 0; count < cell.restarts; count++) {
    await load.restarting(true)
    ends.push(await platform.replace(count % cell.backends))
    await load.restarting(false)
    await sleep(rest)
  }
  const took = performance.now() - begin - rest
  return {
    ...cell,
    options: budgetOf(cell).app,
    rate,
    tally: await load.end(),
    took,
    restart: median(ends.map((end) => end.took)),
    exits: countsOf(ends.map(({ exit }) => exit)),
    troubles: platform.troubles()
  }
}

/** How many requests per second are half of what can be answered. */
export type RateFor = (cell: Cell, load: Load) => Promise<number>

function platformFor(owner: Owner, cell: Cell): Promise<Platform> {
  const { front } = cell
  switch (front.kind) {
    case 'haproxy':
      return behindHAProxy(owner, cell, front)
    case 'nginx':
      return behindNGINX(owner, cell, front)
    case 'kubernetes':
      return inKubernetes(owner, cell, front)
  }
}

function countsOf(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
