import type { HookPhase } from '../phases.ts'
import type { Coordinator } from './coordinator.ts'

/** Where an app runs: in this process, or in a process that a test plays. */
export interface Surroundings {
  readonly coordinator: Coordinator
  /** Resolves when the phase may end; `undefined` where nothing holds it open. */
  held(phase: HookPhase): Promise<void> | undefined
  /** What a hook, the drain or the lame duck is given at most, in ms. */
  readonly maxWait: number
  /** Whether the process is gone when its apps have been shut down and none of them says otherwise. */
  readonly ends: boolean
}

export function surroundingsWith(coordinator: Coordinator): Surroundings {
  return { coordinator, held: () => undefined, maxWait: Number.POSITIVE_INFINITY, ends: true }
}
