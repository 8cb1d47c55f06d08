import type { Report } from '../lib/report/report.ts'
import type { Bystander } from './clients/bystanders.ts'
import type { Probing } from './clients/probes.ts'
import type { StreamEnd } from './clients/stream.ts'
import type { WebSocketEnd } from './clients/websocket.ts'
import type { Tally } from './tally.ts'

/** A process that was there when the one that got the signal had gone. */
export interface Survivor {
  readonly pid: number
  readonly command: string
}

/** How the app stood when its time was up, if it had not ended by then. */
export interface Stuck {
  /** Whether it still took new connections and answered on them. */
  readonly answersNew: boolean
  /** Whether it still answered on the connections that it had. */
  readonly answersKept: boolean
  /** Whether a new connection was taken, but not answered. */
  readonly isSilent: boolean
  /** Requests that nobody has answered. */
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
  /** `undefined`: it had to be killed. */
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
  /** What the app wrote from the signal on: how many lines, and the last of them. */
  readonly linesAfterSignal: number | undefined
  readonly lastLines: string
  readonly report: Report | undefined
  /** Other servers take the new connections. */
  readonly isHandedOver: boolean
  /** The longest time in which the drill itself had no CPU time. */
  readonly longestStall: number
}
