import { namedAtMost } from '../bounds.ts'
import type { HookPhase, Phase } from '../phases.ts'
import type { CutRequest, UnfinishedWork } from '../report/report.ts'

/** A hook that has begun and not ended. */
export interface OutstandingHook {
  readonly name: string
  readonly phase: HookPhase
  /** For how many ms it has been running. */
  readonly age: number
}

/** The hooks, requests and work that one app has not finished. */
export interface Outstanding {
  readonly phase: Phase
  /** The first hooks that run. */
  readonly hooks: readonly OutstandingHook[]
  /** The number of all hooks that run. */
  readonly hookCount: number
  /** The oldest requests in flight. */
  readonly requests: readonly CutRequest[]
  /** The number of all requests in flight. */
  readonly inFlight: number
  /** The oldest tracked work that is under way. */
  readonly work: readonly UnfinishedWork[]
  /** The number of all tracked work that is under way. */
  readonly workCount: number
  /** The file in which the platform looks for a last message. */
  readonly terminationLog?: string
}

/** What the process does while it exits, after its apps have been shut down. */
export interface ExitFacts {
  /** The exit code, if nothing holds the exit. */
  readonly code: number
  /** The `'exit'` listener that runs. */
  readonly listener?: string
  /** What the exit waits for, once all listeners have run. */
  readonly heldBy?: readonly string[]
}

/** The facts that the watchdog's thread can report when the main thread no longer responds. */
export interface Facts extends Outstanding {
  /**
   * When these facts were written, in ms on the main thread's monotonic clock. The ages count up to this
   * moment.
   */
  readonly at: number
  /** The bindings that the app's own log lines carry. */
  readonly bindings: Readonly<Record<string, unknown>>
  /** Present once the exit has begun. */
  readonly exit?: ExitFacts
}

/** Why the process is killed, or replaced. */
export interface Verdict {
  readonly code: 'LIFECYCLE_HARD_KILL' | 'LIFECYCLE_STALL' | 'LIFECYCLE_EXIT_HELD'
  readonly at: number
  /** For how many ms the event loop has not turned. */
  readonly blockedFor: number
}

/** Merges the facts of several apps. The phase is the earliest phase in which one of the apps still is. */
export function mergeOutstanding(all: readonly Outstanding[], order: readonly Phase[]): Outstanding {
  const sum = (count: (one: Outstanding) => number) => all.reduce((total, one) => total + count(one), 0)
  const path = all.find(({ terminationLog }) => terminationLog !== undefined)?.terminationLog
  const [first] = [...all].sort((a, b) => order.indexOf(a.phase) - order.indexOf(b.phase))
  return {
    phase: (first as Outstanding).phase,
    hooks: all.flatMap(({ hooks }) => hooks).slice(0, namedAtMost),
    hookCount: sum(({ hookCount }) => hookCount),
    requests: all.flatMap(({ requests }) => requests).slice(0, namedAtMost),
    inFlight: sum(({ inFlight }) => inFlight),
    work: all.flatMap(({ work }) => work).slice(0, namedAtMost),
    workCount: sum(({ workCount }) => workCount),
    ...(path !== undefined && { terminationLog: path })
  }
}
