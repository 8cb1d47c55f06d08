import type { Report } from '../lib/report/report.ts'
import type { Bystander } from './clients/bystanders.ts'
import type { Probing } from './clients/probes.ts'
import type { StreamEnd } from './clients/stream.ts'
import type { WebSocketEnd } from './clients/websocket.ts'
import type { Tally } from './tally.ts'

/** A process that was still there when the process that got the signal had gone. */
export interface Survivor {
  readonly pid: number
  readonly command: string
}

/** The state of an app that has not ended in time. */
export interface Stuck {
  /** Whether the app still accepted new connections and answered on them. */
  readonly answersNew: boolean
  /** Whether the app still answered on open connections. */
  readonly answersKept: boolean
  /** Whether the app accepted a new connection, but did not answer on it. */
  readonly isSilent: boolean
  /** The number of requests without an answer. */
  readonly unanswered: number
}

/** All that a drill has seen. Times are in ms from the signal, except `bootTime`. */
export interface Observations {
  readonly target: string
  readonly bootTime: number
  readonly signal: NodeJS.Signals
  readonly grace: number
  readonly loadTime: number
  readonly tally: Tally
  readonly probes: readonly Probing[]
  readonly bystanders: readonly Bystander[]
  readonly webSockets: readonly WebSocketEnd[]
  readonly streams: readonly StreamEnd[]
  /** `undefined` if the app had to be killed. */
  readonly exit:
    | { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly after: number }
    | undefined
  readonly isOwnChild: boolean
  readonly stuck: Stuck | undefined
  /** Processes of the app that did not end by themselves. */
  readonly survivors: readonly Survivor[]
  /** Whether the app still answered when the process that got the signal had gone. */
  readonly outlivedBySelf: boolean
  /** Whether a process of the app still listened on the port at that time. */
  readonly portStaysTaken: boolean
  /** How many processes the app had, and whether several of them took connections from one socket. */
  readonly processCount: number
  readonly isCluster: boolean
  /** How many lines the app wrote from the signal on, and the last lines. */
  readonly linesAfterSignal: number | undefined
  readonly lastLines: string
  readonly report: Report | undefined
  /** Whether other servers take the new connections. */
  readonly isHandedOver: boolean
  /** The longest time without CPU time for the drill itself. */
  readonly longestStall: number
}
