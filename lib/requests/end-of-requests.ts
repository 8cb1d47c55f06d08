import type { IncomingMessage } from 'node:http'
import type { Exchange } from '../connections/exchange.ts'
import { patienceInHandOver, type QuietMoment } from '../connections/quiet-moment.ts'
import type { Servers } from '../connections/servers.ts'
import type { Transports } from '../connections/transports.ts'
import { asksForWebSocket, type Upgrade, type WorkOn } from '../connections/websocket.ts'
import { apart } from '../time/apart.ts'
import { Budget } from '../time/budget.ts'
import { spread } from '../time/spread-over.ts'
import { within } from '../time/within.ts'
import type { Cuts } from './cut.ts'
import { Drain } from './drain.ts'
import type { Gate } from './gate.ts'
import type { InFlight } from './in-flight.ts'
import { endLongLived, isLongLived } from './long-lived.ts'
import type { Rejections } from './rejection.ts'
import type { Waiting } from './waiting.ts'

/** The other things that happen during the drain, beside the requests. */
export interface Partners {
  readonly workOn: WorkOn
  /** Called when all streams have been ended, and all WebSockets have got a close frame. */
  onTold(): Promise<void>
  /**
   * How long cutting requests may take, in ms, however many there are. The hooks must keep most of their
   * time.
   */
  timeToCut(): number
}

/** How the requests are ended. */
interface Manner {
  /** Whether the app has handed over, so that requests which still come are served. */
  readonly handsOver: boolean
  /** If `true`, there is no extra wait for clients that were served just before the shutdown. */
  readonly isInHurry: boolean
}

/** The parts that `EndOfRequests` works with. */
interface Parts {
  readonly flight: InFlight
  readonly waiting: Waiting
  readonly gate: Gate
  readonly rejections: Rejections
  readonly cuts: Cuts
  readonly servers: Servers
  readonly transports: Transports
  readonly quietMoment: QuietMoment
  /** Called when the drain begins. From now on every connection ends with its next response. */
  onBegin(): void
}

/** Ends the requests of an app. They finish while there is time, and the rest is cut. */
export class EndOfRequests {
  readonly #parts: Parts
  #drain: Drain | undefined
  #time: Budget | undefined
  #partners: Partners | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get hasBegun(): boolean {
    return this.#drain !== undefined
  }

  /** Lets requests in flight finish while there is time, and cuts the rest. */
  async finish(time: Budget, partners: Partners, manner: Manner): Promise<void> {
    this.#partners = partners
    const { flight, rejections, transports } = this.#parts
    const drain = this.#begin(time, manner)
    const longLived = [...flight].filter(isLongLived)
    const [webSockets, streams] = [
      transports.webSockets.close(time.left, partners.workOn),
      spread(longLived, time.left, (exchange) => apart(() => endLongLived(exchange, rejections)))
    ]
    const [overdue, upgrades] = await Promise.all([
      this.#settled(drain, time, manner),
      webSockets.answered,
      Promise.all([webSockets.told, streams]).then(partners.onTold)
    ])
    await this.#cut(drain, overdue, upgrades)
  }

  arrived(exchange: Exchange): void {
    this.#drain?.arrived(exchange)
  }

  departed(exchange: Exchange): void {
    this.#drain?.departed(exchange)
  }

  /** Lets the handlers that wait for the shutdown answer, because everything else is done. */
  async answerWaiting(limit: number): Promise<void> {
    const { waiting, transports } = this.#parts
    if (waiting.isEmpty || this.#drain === undefined) return
    for (const exchange of waiting.release()) this.#drain.include(exchange)
    await this.#drain.settled(limit)
    await transports.connections.end()
  }

  /** Waits for requests that came after the drain, for the rest of its time. */
  async lastAnswers(): Promise<void> {
    if (this.#drain === undefined || this.#time === undefined) return
    this.#drain.includeLate()
    const overdue = await this.#drain.settled(this.#time.left)
    await this.#cut(this.#drain, overdue, [])
  }

  /** Whether a request is in flight that the shutdown still waits for. */
  get isAnswering(): boolean {
    const { flight, waiting } = this.#parts
    for (const exchange of flight) {
      const { fate } = exchange
      if (fate !== 'cut' && fate !== 'ignored' && !waiting.has(exchange)) return true
    }
    return false
  }

  /**
   * Cuts all requests in flight. If `isSpared` is `true`, the requests that wait for the shutdown are not cut.
   */
  async cutAll(isSpared: boolean): Promise<void> {
    const { flight, waiting, cuts } = this.#parts
    const due = (exchange: Exchange) => !isSpared || !waiting.has(exchange)
    await cuts.cut([...flight], due, new Budget(this.#timeToCut))
  }

  /** A request that arrives from now on is rejected, unless the app hands over. */
  #begin(time: Budget, { handsOver, isInHurry }: Manner): Drain {
    const { flight, waiting, gate, servers, transports, quietMoment, onBegin } = this.#parts
    const drain = new Drain(flight, { handsOver, isExcused: (exchange) => waiting.has(exchange) })
    this.#drain = drain
    this.#time = time
    const upgrading = transports.webSockets.pending()
    // From now on, no endless response and no WebSocket begins.
    const mayBegin = (exchange: Exchange | undefined, request: IncomingMessage) => {
      if (handsOver && asksForWebSocket(request)) return false
      return exchange === undefined ? handsOver : drain.isAdmitted(exchange) && !isLongLived(exchange)
    }
    gate.close({
      isAdmitted: (exchange, request) => upgrading.has(request) || mayBegin(exchange, request),
      onDecided: (exchange) => drain.decided(exchange)
    })
    if (!handsOver) servers.refuseContinue()
    onBegin()
    if (!isInHurry) quietMoment.expectAgain(transports.spoken, handsOver ? patienceInHandOver : undefined)
    transports.endIdleSessions()
    return drain
  }

  /** Waits for the requests that were in flight at the start, and then for the late requests. */
  async #settled(drain: Drain, time: Budget, { handsOver }: Manner): Promise<readonly Exchange[]> {
    await drain.settled(time.left)
    if (handsOver) await within(time.left / 2, this.#handedOver(drain))
    drain.includeLate()
    return drain.settled(time.left)
  }

  /**
   * Resolves when no more requests are expected. No client can open a connection any more. So it also resolves when
   * the last connection has closed.
   */
  #handedOver(drain: Drain): Promise<void> {
    const { transports, quietMoment } = this.#parts
    return quietMoment.settled(() => drain.isWaiting, transports.connections.empty())
  }

  async #cut(drain: Drain, overdue: readonly Exchange[], upgrades: readonly Upgrade[]): Promise<void> {
    if (overdue.length + upgrades.length === 0) return
    await this.#parts.cuts.make(drain, overdue, upgrades, this.#timeToCut)
  }

  /**
   * How long cutting may take, in ms. It is 0 before the drain, because then only a second signal cuts
   * requests.
   */
  get #timeToCut(): number {
    return this.#partners?.timeToCut() ?? 0
  }
}
