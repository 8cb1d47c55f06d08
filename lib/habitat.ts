import type { Coordinator } from './coordinator.ts'
import type { HookPhase } from './hooks.ts'

/** What a life is lived in: this process, where nothing else has a say, or one that a test plays. */
export interface Habitat {
  readonly coordinator: Coordinator
  /** Resolves when the phase may end; `undefined` where nothing holds it open. */
  held(phase: HookPhase): Promise<void> | undefined
  /** What a hook, the drain or the lame duck is given at most, in ms. */
  readonly maxWait: number
  /** Whether the process is gone when its apps have been shut down and none of them says otherwise. */
  readonly ends: boolean
}

export function habitatWith(coordinator: Coordinator): Habitat {
  return { coordinator, held: () => undefined, maxWait: Number.POSITIVE_INFINITY, ends: true }
}
