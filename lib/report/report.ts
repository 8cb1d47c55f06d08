import type { HookPhase, Phase } from '../phases.ts'
import type { ArrivalReport } from './arrivals.ts'

/** A request that was still in flight when its time was up, and was cut. */
export interface CutRequest {
  /** Fastify's id of the request, at most 100 bytes; `null` where it hung before Fastify's hooks had seen it. */
  readonly id: string | null
  readonly method: string
  /**
   * The route's pattern, such as `/orders/:id`; where the request has no route, its path without whatever may
   * be a secret. At most 200 bytes.
   */
  readonly route: string
  /** For how many ms it had been in flight. */
  readonly age: number
}

/** What happened to the requests, counted from the shutdown's beginning. */
export interface RequestTally {
  /** Requests in flight when the shutdown began. */
  readonly inFlight: number
  /** Requests answered to their last byte. */
  readonly completed: number
  /** Requests answered 503 because they arrived during the drain. */
  readonly rejected: number
  /** Requests whose client went away, or whose response failed. */
  readonly aborted: number
  /** The oldest twenty of the requests that were still in flight at `drainTimeout`, or when the shutdown ended. */
  readonly cut: readonly CutRequest[]
  /** The number of all requests that were cut. */
  readonly cutCount: number
  /** The oldest twenty of the requests whose client had gone, and whose handler was not done by then. */
  readonly left: readonly CutRequest[]
  /** The number of all such requests. */
  readonly leftCount: number
}

/** Tracked work that was not done when its time was up. */
export interface UnfinishedWork {
  /** At most 200 bytes of its name. */
  readonly name: string
  /** For how many ms it had been under way. */
  readonly age: number
}

/** What happened to the work given to `lifecycle.track`, counted from the shutdown's beginning. */
export interface WorkTally {
  /** Work under way when the shutdown began. */
  readonly inFlight: number
  readonly completed: number
  /** Work that ended with an error. The promise that `track` returned rejected with it. */
  readonly failed: number
  /** Work that came when the drain was over, and was refused. */
  readonly refused: number
  /** The oldest twenty of the work that was still under way at `drainTimeout`, or when the shutdown ended. */
  readonly cut: readonly UnfinishedWork[]
  /** The number of all work that was cut. */
  readonly cutCount: number
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
  /** Those of them that did not end well. The hook still ran. */
  readonly despite: readonly string[]
  /** What it failed with; a hook that took too long has an error, too. The first twenty that failed have one. */
  readonly error?: ErrorReport
}

/** An error as JSON can carry it. A text that is too long ends in an ellipsis. */
export interface ErrorReport {
  /** At most 200 bytes of it. */
  readonly name: string
  /** At most 1000 bytes of it. */
  readonly message: string
  /** The error's code, where it has one: at most 100 bytes of it. */
  readonly code?: string
  /** At most 4000 bytes of it. */
  readonly stack?: string
}

/** How the time of serving with readiness failing ended. */
export interface LameDuckReport {
  /**
   * Why the window ended. `'window'`: its time was over. `'probes'`: each prober had got "not ready" often
   * enough. `'signal'`: a second SIGINT ended it. `'skipped'`: there was no window, or other workers of a
   * cluster served already.
   */
  readonly ended: 'window' | 'probes' | 'signal' | 'skipped'
  /** How many ms before its full time it ended. */
  readonly saved: number
}

/** How new connections were left to others. */
export interface HandOverReport {
  /** When the app stopped accepting, in ms from the shutdown's beginning. */
  readonly at: number
  /** The connections that were open then. */
  readonly connections: number
  /** Requests that came on them after that. */
  readonly requests: number
}

/** One phase of the shutdown. */
export interface PhaseReport {
  readonly phase: Phase
  /** When it began, in ms from the shutdown's beginning. */
  readonly at: number
  /** How long it lasted, in ms. */
  readonly duration: number
}

/**
 * The reason of a shutdown as JSON can carry it. `type` says which of them it is: a signal; an error that nobody
 * caught; `lifecycle.shutdown()`, with at most 1000 bytes of its message; or `app.close()`.
 */
export type ReasonReport =
  | { readonly type: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly type: 'uncaughtException' | 'unhandledRejection'; readonly error: ErrorReport }
  | { readonly type: 'shutdown'; readonly message?: string }
  | { readonly type: 'close' }

/**
 * How the shutdown ended. `'clean'`: without a failure. `'failed'`: a hook, a request or Fastify's own close
 * failed, or a crash began the shutdown. `'deadline'`: the deadline cut it off. `'abandoned'`: a second
 * Ctrl-C did.
 */
export type ShutdownOutcome = 'clean' | 'failed' | 'deadline' | 'abandoned'

/** What happened in a shutdown. Frozen, and the same after `JSON.parse(JSON.stringify(report))`. */
export interface Report {
  /** The version of this format. */
  readonly version: 1
  readonly outcome: ShutdownOutcome
  /**
   * The outcome, its cause and the exit code in one sentence, at most 2000 bytes: the text of the last log line.
   *
   * @example
   * ```text
   * shutdown failed in 305 ms (SIGTERM): hook 'outbox' timed out after 300 ms; 1 request cut: GET /report; exit code 1
   * ```
   */
  readonly summary: string
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
  /** How new connections were left to others, where the option `handOver` is on and the app was listening. */
  readonly handOver?: HandOverReport
  readonly requests: RequestTally
  /** Who still sent requests after the shutdown had begun; left out where nobody did. */
  readonly arrivals?: ArrivalReport
  readonly work: WorkTally
  readonly connections: ConnectionTally
  /** Each hook, in the order in which they began. */
  readonly hooks: readonly HookReport[]
  /** The first twenty of the errors that nobody caught while the shutdown was under way. */
  readonly crashes: readonly ErrorReport[]
  /** The number of all errors that nobody caught while the shutdown was under way. */
  readonly crashCount: number
  /** The error that Fastify's own close, or a plugin's `onClose`, ended with. */
  readonly closeError?: ErrorReport
  /**
   * What kept the process alive when the report was written. It is there if a hook, a request, tracked work
   * or the whole shutdown took too long.
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
