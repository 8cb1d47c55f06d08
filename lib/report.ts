import type { HookPhase } from './hooks.ts'
import type { Phase } from './phases.ts'

/** A request that was still in flight when its time was up, and was cut. */
export interface CutRequest {
  /** Fastify's id of the request; `null` where it hung before Fastify's hooks had seen it. */
  readonly id: string | null
  readonly method: string
  /** The route's pattern, such as `/orders/:id`; the path where the request was not routed yet. */
  readonly route: string
  /** For how many ms it had been in flight. */
  readonly age: number
}

/** What became of the requests, counted from the shutdown's beginning. */
export interface RequestTally {
  /** Requests in flight when the shutdown began. */
  readonly inFlight: number
  /** Requests answered to their last byte. */
  readonly completed: number
  /** Requests answered 503 because they arrived during the drain. */
  readonly rejected: number
  /** Requests whose client went away, or whose response failed. */
  readonly aborted: number
  /** Requests that were still in flight at `drainTimeout`, or when the shutdown ended. */
  readonly cut: readonly CutRequest[]
}

/** Tracked work that was not done when its time was up. */
export interface UnfinishedWork {
  readonly name: string
  /** For how many ms it had been under way. */
  readonly age: number
}

/** What became of the work given to `lifecycle.track`, counted from the shutdown's beginning. */
export interface WorkTally {
  /** Work under way when the shutdown began. */
  readonly inFlight: number
  readonly completed: number
  /** Work that ended with an error; whoever tracked it was told. */
  readonly failed: number
  /** Work that came too late, and was refused. */
  readonly refused: number
  /** Work that was still under way at `drainTimeout`, or when the shutdown ended. */
  readonly cut: readonly UnfinishedWork[]
}

/** The connections that were open when the shutdown began, by what is spoken on them. */
export interface ConnectionTally {
  readonly http1: number
  /** Sessions, however many streams they had. */
  readonly http2: number
  readonly websocket: number
  /** Connections that left HTTP for some other protocol. */
  readonly upgraded: number
}

/** So many resources of one type that keep the process alive, as Node.js names them. */
export interface ActiveResource {
  readonly type: string
  readonly count: number
}

/**
 * How a hook ended; `'unfinished'` where the shutdown ended first, `'unstarted'` where it ended
 * before the hook's turn came.
 */
export type HookOutcome = 'ok' | 'error' | 'timeout' | 'unfinished' | 'unstarted'

/** One shutdown hook's run. */
export interface HookReport {
  readonly name: string
  readonly phase: HookPhase
  readonly outcome: HookOutcome
  /** When it began, in ms from the shutdown's beginning. */
  readonly at: number
  /** How long it ran, in ms. */
  readonly duration: number
  /** The names of the hooks that had to stop before it. */
  readonly waitedFor: readonly string[]
  /** Those of them that did not end well; it ran all the same. */
  readonly despite: readonly string[]
  /** What it failed with; a hook that took too long has an error, too. */
  readonly error?: ErrorReport
}

/** An error as JSON can carry it. */
export interface ErrorReport {
  readonly name: string
  readonly message: string
  /** The error's code, where it has one. */
  readonly code?: string
  readonly stack?: string
}

/** How the time of serving with readiness failing ended. */
export interface LameDuckReport {
  /**
   * `'window'`: its time was over; `'probes'`: the readiness probe had been answered "not ready" so
   * often; `'skipped'`: there was none.
   */
  readonly ended: 'window' | 'probes' | 'skipped'
  /** The ms that it ended before its time. */
  readonly saved: number
}

/** One phase of the shutdown. */
export interface PhaseReport {
  readonly phase: Phase
  /** When it began, in ms from the shutdown's beginning. */
  readonly at: number
  /** How long it lasted, in ms. */
  readonly duration: number
}

/** The reason of a shutdown as JSON can carry it. */
export interface ReasonReport {
  readonly type: 'signal' | 'uncaughtException' | 'unhandledRejection' | 'shutdown' | 'close'
  /** Where `type` is `'signal'`: which. */
  readonly signal?: string
  /** What was given to `lifecycle.shutdown`. */
  readonly message?: string
  /** The error that nobody caught. */
  readonly error?: ErrorReport
}

/**
 * How the shutdown ended: `'clean'`; `'failed'` where a hook, a request or Fastify's own close
 * did not end well, or a crash began it; `'deadline'` where the deadline cut it off; `'abandoned'`
 * where a second signal did.
 */
export type ShutdownOutcome = 'clean' | 'failed' | 'deadline' | 'abandoned'

/** What happened in a shutdown. Frozen, and the same after `JSON.parse(JSON.stringify(report))`. */
export interface Report {
  /** The version of this format. */
  readonly version: 1
  readonly outcome: ShutdownOutcome
  /** What the process exits with, where it exits. */
  readonly exitCode: 0 | 1
  /** Why it began. */
  readonly reason: ReasonReport
  /** The wall-clock time at which the shutdown began, in ISO 8601. */
  readonly startedAt: string
  /** How long the shutdown took, in ms. */
  readonly duration: number
  /** The `deadline`, in ms. */
  readonly deadline: number
  /** The share of the deadline that the shutdown took: 1 is all of it. */
  readonly budgetUsed: number
  /** Each phase that began, in order. */
  readonly phases: readonly PhaseReport[]
  /** How the lame duck ended. */
  readonly lameDuck: LameDuckReport
  readonly requests: RequestTally
  readonly work: WorkTally
  readonly connections: ConnectionTally
  /** Each hook, in the order in which they began. */
  readonly hooks: readonly HookReport[]
  /** Errors nobody caught while the shutdown was under way, the first hundred of them. */
  readonly crashes: readonly ErrorReport[]
  /** The error that Fastify's own close, or a plugin's `onClose`, ended with. */
  readonly closeError?: ErrorReport
  /**
   * What kept the process alive when the report was written, where something took longer than it
   * may: a hook, a request, tracked work, or all of it.
   *
   * @see https://nodejs.org/docs/latest-v20.x/api/process.html#processgetactiveresourcesinfo
   */
  readonly alive?: readonly ActiveResource[]
}

/** Freezes an object and all it holds. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}
