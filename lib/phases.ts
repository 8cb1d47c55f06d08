import { now } from './time/clock.ts'

/** The phases of a process's life, in the order in which it passes through them. */
export type Phase = 'starting' | 'ready' | 'lameDuck' | 'draining' | 'closing' | 'closed'

/** All phases, from the first to the last. */
export const phaseOrder: readonly Phase[] = ['starting', 'ready', 'lameDuck', 'draining', 'closing', 'closed']

/** A phase in which shutdown hooks run. */
export type HookPhase = Extract<Phase, 'lameDuck' | 'draining' | 'closing'>

export const hookPhases: readonly HookPhase[] = ['lameDuck', 'draining', 'closing']

/** The phases that may follow each phase. Only `ready` can be left out. */
export const transitions: Readonly<Record<Phase, readonly Phase[]>> = {
  starting: ['ready', 'lameDuck'],
  ready: ['lameDuck'],
  lameDuck: ['draining'],
  draining: ['closing'],
  closing: ['closed'],
  closed: []
}

/** A phase that has begun, and the time when it began, in ms on the monotonic clock. */
export interface PhaseEntry {
  readonly phase: Phase
  readonly at: number
}

/** The phase of one app, and when each phase so far began. */
export class PhaseMachine {
  readonly entries: PhaseEntry[] = [{ phase: 'starting', at: now() }]
  readonly #onEnter: (entry: PhaseEntry, previous: Phase) => void

  constructor(onEnter: (entry: PhaseEntry, previous: Phase) => void) {
    this.#onEnter = onEnter
  }

  get current(): Phase {
    return (this.entries.at(-1) as PhaseEntry).phase
  }

  canEnter(phase: Phase): boolean {
    return transitions[this.current].includes(phase)
  }

  enter(phase: Phase): void {
    const previous = this.current
    if (!this.canEnter(phase)) throw new Error(`No transition leads from '${previous}' to '${phase}'`)
    const entry = { phase, at: now() }
    this.entries.push(entry)
    this.#onEnter(entry, previous)
  }
}
