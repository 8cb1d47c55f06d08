import type { HookPhase, Phase } from '../phases.ts'
import type { ArrivalReport } from './arrivals.ts'

/** A request that was still in flight when its time was up, and was cut. */
export interface CutRequest {
  /** Fastify's id of the request, at most 100 bytes; `null` if the request hung before the plugin's own hook ran. */
  readonly id: string | null
  readonly method: string
  /**
   * The pattern of the route, such as `/orders/:id`. If the request has no route, its path without parts that may be
   * secret. At most 200 bytes.
   */
  readonly route: string
  /** For how many ms the request had been in flight. */
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
  /**
   * The oldest twenty requests whose client had gone, and whose handler was not done at `drainTimeout`, or when the
   * shutdown ended.
   */
  readonly left: readonly CutRequest[]
  /** The number of all requests whose client had gone, and whose handler was not done. */
  readonly leftCount: number
}

/** Tracked work that was not done when its time was up. */
export interface UnfinishedWork {
  /** The name of the work, at most 200 bytes. */
  readonly name: string
  /** For how many ms the work had been under way. */
  readonly age: number
}

/** What happened to the work given to `lifecycle.track`, counted from the shutdown's beginning. */
export interface WorkTally {
  /** Work under way when the shutdown began. */
  readonly inFlight: number
  readonly completed: number
  /** Work that ended with an error. The promise that `track` returned was rejected with that error. */
  readonly failed: number
  /** Work that began after the drain, and was refused. */
  readonly refused: number
  /** The oldest twenty of the work that was still under way at `drainTimeout`, or when the shutdown ended. */
  readonly cut: readonly UnfinishedWork[]
  /** The number of all work that was cut. */
  readonly cutCount: number
}

/** The connections that were open when the shutdown began, by protocol. */
export interface ConnectionTally {
  readonly http1: number
  /** The number of sessions. Their streams are not counted. */
  readonly http2: number
  readonly websocket: number
  /** Connections that left HTTP for some other protocol. */
  readonly upgraded: number
}

/** A type of resource that keeps the process alive, as Node.js names it, and the number of such resources. */
export interface ActiveResource {
  readonly type: string
  readonly count: number
}

/**
 * How a hook ended. `'unfinished'`: the shutdown ended first. `'unstarted'`: the shutdown ended before the hook
 * began.
 */
export type HookOutcome = 'ok' | 'error' | 'timeout' | 'unfinished' | 'unstarted'

/** One shutdown hook's run. */
export interface HookReport {
  readonly name: string
  readonly phase: HookPhase
  readonly outcome: HookOutcome
  /** When the hook began, in ms from the shutdown's beginning. */
  readonly at: number
  /** How long the hook ran, in ms. */
  readonly duration: number
  /** The names of the hooks that had to stop before this hook. */
  readonly waitedFor: readonly string[]
  /** The names in `waitedFor` of the hooks that failed or timed out. This hook still ran. */
  readonly despite: readonly string[]
  /** The error of a hook that failed or took too long. Only the first twenty such hooks have it. */
  readonly error?: ErrorReport
}

/** An error as plain JSON. A text that is too long ends in an ellipsis. */
export interface ErrorReport {
  /** At most 200 bytes of it. */
  readonly name: string
  /** At most 1000 bytes of it. */
  readonly message: string
  /** The code of the error, if it has one, at most 100 bytes. */
  readonly code?: string
  /** At most 4000 bytes of it. */
  readonly stack?: string
}

/** How the lame duck ended. */
export interface LameDuckReport {
  /**
   * Why the window ended. `'window'`: its time was over. `'probes'`: each prober had got "not ready" often
   * enough. `'signal'`: a second SIGINT ended it. `'skipped'`: there was no window, or other workers of a
   * cluster served already.
   */
  readonly ended: 'window' | 'probes' | 'signal' | 'skipped'
  /** How many ms the window ended before its full time. */
  readonly saved: number
}

/** How the app left new connections to others. */
export interface HandOverReport {
  /** When the app stopped accepting, in ms from the shutdown's beginning. */
  readonly at: number
  /** The number of connections that were open then. */
  readonly connections: number
  /** The number of requests that came on these connections after that. */
  readonly requests: number
}

/** One phase of the shutdown. */
export interface PhaseReport {
  readonly phase: Phase
  /** When the phase began, in ms from the shutdown's beginning. */
  readonly at: number
  /** How long the phase lasted, in ms. */
  readonly duration: number
}

/**
 * The reason of a shutdown as plain JSON. `type` says what began the shutdown: a signal; an error that nobody caught;
 * `lifecycle.shutdown()`, with at most 1000 bytes of its message; or `app.close()`.
 */
export type ReasonReport =
  | { readonly type: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly type: 'uncaughtException' | 'unhandledRejection'; readonly error: ErrorReport }
  | { readonly type: 'shutdown'; readonly message?: string }
  | { readonly type: 'close' }

/**
 * How the shutdown ended. `'clean'`: without a failure. `'failed'`: a hook, a request or Fastify's own close failed,
 * or a crash began the shutdown. `'deadline'`: the deadline cut it off. `'abandoned'`: a second Ctrl-C ended it.
 */
export type ShutdownOutcome = 'clean' | 'failed' | 'deadline' | 'abandoned'

/** What happened in a shutdown. The report is frozen, and `JSON.parse(JSON.stringify(report))` is equal to it. */
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
  /** The exit code of the process, if the process exits. */
  readonly exitCode: 0 | 1
  /** Why the shutdown began. */
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
  /** How the app left new connections to others, if the option `handOver` is on and the app was listening. */
  readonly handOver?: HandOverReport
  readonly requests: RequestTally
  /** The clients that still sent requests after the shutdown had begun. Left out if there were none. */
  readonly arrivals?: ArrivalReport
  readonly work: WorkTally
  readonly connections: ConnectionTally
  /** The hooks, in the order in which they began. */
  readonly hooks: readonly HookReport[]
  /** The first twenty of the errors that nobody caught while the shutdown was under way. */
  readonly crashes: readonly ErrorReport[]
  /** The number of all errors that nobody caught while the shutdown was under way. */
  readonly crashCount: number
  /** The error that Fastify's own close, or a plugin's `onClose`, ended with. */
  readonly closeError?: ErrorReport
  /**
   * What kept the process alive when the report was written. Present only if a hook, a request, tracked work or the
   * whole shutdown took too long.
   *
   * @see https://nodejs.org/docs/latest-v20.x/api/process.html#processgetactiveresourcesinfo
   */
  readonly alive?: readonly ActiveResource[]
}

/** Freezes an object and all values in it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}
