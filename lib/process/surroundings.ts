import type { HookPhase } from '../phases.ts'
import type { Coordinator } from './coordinator.ts'

/** Where an app runs: in this process, or in the fake process of a test. */
export interface Surroundings {
  readonly coordinator: Coordinator
  /** Resolves when the phase may end; `undefined` if nothing holds the phase open. */
  held(phase: HookPhase): Promise<void> | undefined
  /** The longest time that a hook, the drain or the lame duck gets, in ms. */
  readonly maxWait: number
  /** Whether the process ends after its apps have been shut down, unless an app sets `exit: false`. */
  readonly ends: boolean
}

export function surroundingsWith(coordinator: Coordinator): Surroundings {
  return { coordinator, held: () => undefined, maxWait: Number.POSITIVE_INFINITY, ends: true }
}
