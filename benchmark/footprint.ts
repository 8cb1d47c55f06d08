import { median, shuffle } from 'simple-statistics'
import { Child } from './child.ts'
import { method } from './method.ts'

/** What is started: no plugin, the plugin, and the plugin with `hardKill: false`. */
export const starts = ['bare', 'plugin', 'withoutHardKill'] as const

export type Start = (typeof starts)[number]

/** What the process of an app has taken by the time it listens. */
export interface Footprint {
  /** Time to load the plugin's module, in ms. */
  readonly load: number
  /** Time to register it, in ms. */
  readonly register: number
  /** `null` where the system does not say. */
  readonly threads: number | null
  /** Timers that are set, those that would not keep the process alive included. */
  readonly timers: number
  /** What keeps the process alive. */
  readonly activeResources: number
  /** Resident memory, in MiB. */
  readonly memory: number
  /** CPU time of all threads in a second without a request, in ms. */
  readonly idleCpu: number
}

/** The footprint of the start in the middle, of several in fresh processes that take turns. */
export async function footprints(): Promise<Record<Start, Footprint>> {
  const found: Record<Start, Footprint[]> = { bare: [], plugin: [], withoutHardKill: [] }
  for (let count = 0; count < method.starts; count++) {
    for (const start of shuffle([...starts])) found[start].push(await footprint(start))
  }
  return {
    bare: middleOf(found.bare),
    plugin: middleOf(found.plugin),
    withoutHardKill: middleOf(found.withoutHardKill)
  }
}

async function footprint(start: Start): Promise<Footprint> {
  const child = new Child('boot', start)
  const found = await child.ask<Footprint>('footprint')
  child.stop()
  return found
}

function middleOf(found: readonly Footprint[]): Footprint {
  const middle = (name: 'load' | 'register' | 'memory' | 'idleCpu') => median(found.map((each) => each[name]))
  return {
    ...(found[0] as Footprint),
    load: middle('load'),
    register: middle('register'),
    memory: middle('memory'),
    idleCpu: middle('idleCpu')
  }
}
