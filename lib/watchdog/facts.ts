import type { HookPhase } from '../hooks.ts'
import type { Phase } from '../phases.ts'
import type { CutRequest, UnfinishedWork } from '../report.ts'

/** A hook that has begun and not ended. */
export interface OutstandingHook {
  readonly name: string
  readonly phase: HookPhase
  /** For how many ms it has been running. */
  readonly age: number
}

/** What one app is still busy with. */
export interface Outstanding {
  readonly phase: Phase
  readonly hooks: readonly OutstandingHook[]
  /** The oldest requests in flight. */
  readonly requests: readonly CutRequest[]
  /** The number of all requests in flight. */
  readonly inFlight: number
  /** The oldest tracked work that is under way. */
  readonly work: readonly UnfinishedWork[]
}

/** What the watchdog's thread can say when the main thread cannot be asked any more. */
export interface Facts extends Outstanding {
  /** When this was written, in ms on the main thread's monotonic clock: ages grow from here. */
  readonly at: number
  /** What the app's own log lines carry. */
  readonly bindings: Readonly<Record<string, unknown>>
}

/** How many hooks and requests are named: enough to understand, and bounded. */
export const namedAtMost = 20

/** The facts of several apps as one: the phase is that of the app that has come least far. */
export function mergeOutstanding(all: readonly Outstanding[], order: readonly Phase[]): Outstanding {
  const [first] = [...all].sort((a, b) => order.indexOf(a.phase) - order.indexOf(b.phase))
  return {
    phase: (first as Outstanding).phase,
    hooks: all.flatMap(({ hooks }) => hooks).slice(0, namedAtMost),
    requests: all.flatMap(({ requests }) => requests).slice(0, namedAtMost),
    inFlight: all.reduce((sum, { inFlight }) => sum + inFlight, 0),
    work: all.flatMap(({ work }) => work).slice(0, namedAtMost)
  }
}
