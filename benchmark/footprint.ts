import { median } from 'simple-statistics'
import { Child } from './child.ts'
import { method } from './method.ts'
import type { Variant } from './variants.ts'

/** What a variant has taken of the process by the time it listens. */
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
}

/** The footprint of the start in the middle, of several in fresh processes. */
export async function footprint(variant: Variant): Promise<Footprint> {
  const starts: Footprint[] = []
  for (let count = 0; count < method.starts; count++) starts.push(await start(variant))
  const [last] = starts.slice(-1) as [Footprint]
  return {
    ...last,
    load: median(starts.map(({ load }) => load)),
    register: median(starts.map(({ register }) => register))
  }
}

async function start(variant: Variant): Promise<Footprint> {
  const child = new Child('boot', variant)
  const found = await child.ask<Footprint>('footprint')
  child.stop()
  return found
}
