import type { IncomingMessage, Server } from 'node:http'
import type net from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Exchange } from '../connections/exchange.ts'
import type { Farewell } from '../connections/farewell.ts'
import { Parked } from '../connections/parked.ts'
import { patienceInHandOver, QuietMoment, shortSpell } from '../connections/quiet-moment.ts'
import { putBefore, Servers } from '../connections/servers.ts'
import { Shedding } from '../connections/shedding.ts'
import { endSilent, shortestWindow } from '../connections/silent.ts'
import { Stop } from '../connections/stop.ts'
import { Transports } from '../connections/transports.ts'
import { asksForWebSocket, type Upgrade, type WorkOn } from '../connections/websocket.ts'
import type { ProbeResponder } from '../health/probe-responder.ts'
import type { ArrivalReport } from '../report/arrivals.ts'
import type { ConnectionTally, RequestTally } from '../report/report.ts'
import { apart } from '../time/apart.ts'
import { Budget } from '../time/budget.ts'
import { spread } from '../time/spread-over.ts'
import { within } from '../time/within.ts'
import { Arrivals } from './arrivals.ts'
import { Cuts } from './cut.ts'
import { Drain } from './drain.ts'
import { Gate } from './gate.ts'
import { InFlight } from './in-flight.ts'
import { endLongLived, isLongLived } from './long-lived.ts'
import { Rejections } from './rejection.ts'
import { Tally } from './tally.ts'
import { Waiting } from './waiting.ts'

/** What runs during the drain, beside the requests. */
export interface Partners {
  readonly workOn: WorkOn
  /** Called when all streams and WebSockets were notified. */
  onTold(): Promise<void>
  /**
   * How long cutting requests may take, in ms, however many there are. The hooks must keep most of their
   * time.
   */
  timeToCut(): number
}

/**
 * The requests and connections of one app, from the first to the last.
 *
 * Until a shutdown begins, it only notes them. Then it sheds, drains and stops, in this order.
 */
export class Traffic {
  readonly flight: InFlight = new InFlight(() => this.#transports.connections.open)
  readonly gate: Gate
  readonly stop: Stop
  readonly waiting: Waiting = new Waiting(this.flight, (exchange) => this.#drain?.departed(exchange))
  /** How many requests have come since the app handed over. */
  afterHandOver = 0
  #handsOver = false
  readonly #app: FastifyInstance
  readonly #respond: ProbeResponder
  readonly #rejections: Rejections
  readonly #transports: Transports
  readonly #servers = new Servers((server) => this.#attach(server))
  readonly #quietMoment = new QuietMoment()
  readonly #parked = new Parked()
  readonly #tally = new Tally()
  readonly #cuts: Cuts
  #drain: Drain | undefined
  /** Set when a shutdown begins. */
  #arrivals: Arrivals | undefined
  #drainTime: Budget | undefined
  #partners: Partners | undefined
  /** Whether not to wait for clients that were served just before the shutdown. */
  #isInHurry = false
  /** Whether the response to a request that arrives now is its connection's last. */
  #isLast: () => boolean = () => false
  #stopShedding: () => void = () => {}

  constructor(
    app: FastifyInstance,
    settings: ConstructorParameters<typeof Rejections>[0] & { readonly websocket: Farewell },
    respond: ProbeResponder
  ) {
    this.#app = app
    this.#respond = respond
    this.#rejections = new Rejections(settings)
    this.gate = new Gate(this.#rejections, this.#parked, (response, request) =>
      this.flight.adopt(response, request)
    )
    this.#transports = new Transports(settings.websocket, {
      onOpen: (socket) => this.#quietMoment.connection(socket),
      onLeave: (socket) => this.#quietMoment.request(socket, true),
      onClose: (socket) => this.flight.connectionClosed(socket)
    })
    this.#cuts = new Cuts(app, this.#transports)
    this.stop = new Stop({
      servers: this.#servers,
      connections: this.#transports.connections,
      quietMoment: this.#quietMoment,
      parked: this.#parked,
      isAnswering: () => this.#isAnswering(),
      lastAnswers: () => this.#lastAnswers(),
      hasWaiting: () => !this.waiting.isEmpty,
      cutAll: (isSpared) => this.#cutAll(isSpared)
    })
  }

  /** Sees every request before Fastify does, on every server that the app listens with. */
  watch(): void {
    this.#servers.add(this.#app.server)
    this.#app.addHook('onListen', (done) => {
      this.#servers.discover(this.#app)
      done()
    })
  }

  /** For a process that ends before its listeners are closed. The files of unix sockets would stay. */
  removeSocketFiles(): void {
    this.#servers.removeFiles()
  }

  /** The shutdown has begun. From now on, counts how each request ends. */
  observe({ isInHurry }: { isInHurry: boolean }): void {
    this.#isInHurry = isInHurry
    this.flight.followAll()
    this.#arrivals = new Arrivals(this.#transports.connections.open)
    this.#servers.keepListening()
    this.#tally.inFlight = this.flight.count
    this.#quietMoment.watch(isInHurry && this.flight.count === 0 ? shortSpell : undefined)
    this.flight.onArrival = (exchange) => this.#arrived(exchange)
    this.flight.onDeparture = (exchange) => this.#departed(exchange)
  }

  /** Serves on, and lets more and more connections end. */
  shed(window: number): void {
    const shedding = new Shedding(window)
    this.#isLast = () => shedding.isDue()
    if (window < shortestWindow) return
    this.#stopShedding = endSilent(
      window,
      () => this.#transports.spoken,
      (socket) => this.#transports.endIfIdle(socket)
    )
  }

  /**
   * Leaves new connections to other processes, within `limit` ms. The app still serves requests on open
   * connections, and each connection ends with its next response.
   */
  async handOver(limit: number): Promise<void> {
    // No response closes its connection now. Its client would connect again just when the listener closes.
    this.#isLast = () => false
    await this.stop.accepting(limit, () => {
      this.#handsOver = true
      this.#endEachWithItsResponse()
    })
  }

  /** Lets what is in flight finish while there is time, and cuts what is left. */
  async finish(time: Budget, partners: Partners): Promise<void> {
    this.#partners = partners
    const drain = this.#begin(time)
    const longLived = [...this.flight].filter(isLongLived)
    const [webSockets, streams] = [
      this.#transports.webSockets.close(time.left, partners.workOn),
      spread(longLived, time.left, (exchange) => apart(() => endLongLived(exchange, this.#rejections)))
    ]
    const [overdue, upgrades] = await Promise.all([
      this.#settled(drain, time),
      webSockets.answered,
      Promise.all([webSockets.told, streams]).then(partners.onTold)
    ])
    await this.#cut(drain, overdue, upgrades)
  }

  /** First the requests that were in flight at the start, then the late ones. */
  async #settled(drain: Drain, time: Budget): Promise<readonly Exchange[]> {
    await drain.settled(time.left)
    if (this.#handsOver) await within(time.left / 2, this.#handedOver(drain))
    drain.includeLate()
    return drain.settled(time.left)
  }

  /**
   * Resolves when no more requests are expected. No client can open a connection any more, so it is also
   * enough that the last one is closed.
   */
  async #handedOver(drain: Drain): Promise<void> {
    const quiet = this.#quietMoment.settled(() => drain.isWaiting)
    await Promise.race([this.#transports.connections.empty(), quiet])
  }

  /** Everything else is done: the handlers that wait for the shutdown answer now. */
  async answerWaiting(limit: number): Promise<void> {
    if (this.waiting.isEmpty || this.#drain === undefined) return
    for (const exchange of this.waiting.release()) this.#drain.include(exchange)
    await this.#drain.settled(limit)
    await this.#transports.connections.end()
  }

  get tally(): RequestTally {
    return this.#tally.of([...this.flight], this.#cuts, this.gate.rejected)
  }

  /** The same without requests that wait for the shutdown: the shutdown does not cut them. */
  get tallySoFar(): RequestTally {
    const others = [...this.flight].filter((exchange) => !this.waiting.has(exchange))
    return this.#tally.of(others, this.#cuts, this.gate.rejected)
  }

  /** How many requests were cut so far. */
  get cutCount(): number {
    return this.#cuts.made.count
  }

  /** Whether nobody is connected, and nothing is in flight. */
  get isIdle(): boolean {
    return this.#transports.connections.count + this.flight.count === 0
  }

  /** The clients that still sent requests after the shutdown had begun. */
  get arrivals(): ArrivalReport | undefined {
    return this.#arrivals?.tally
  }

  get connections(): ConnectionTally {
    return this.#transports.tally
  }

  #attach(server: net.Server): void {
    putBefore(server as Server, (request, response) => {
      this.flight.add(request, response, server)
      const isProbe = this.#respond(request, response, this.#parked.postpone)
      if (!isProbe) this.#arrivals?.note(request)
      return isProbe
    })
    this.#transports.attach(server)
  }

  /** From now on, every response is the last on its connection. */
  #endEachWithItsResponse(): void {
    this.#stopShedding()
    this.#isLast = () => true
    for (const exchange of this.flight) this.#transports.retire(exchange)
  }

  /** The drain begins: a request that arrives from now on is rejected, unless the app hands over. */
  #begin(time: Budget): Drain {
    const handsOver = this.#handsOver
    const drain = new Drain(this.flight, { handsOver, isExcused: (exchange) => this.waiting.has(exchange) })
    this.#drain = drain
    this.#drainTime = time
    this.#arrivals?.drainBegins()
    const upgrading = this.#transports.webSockets.pending()
    // From now on, no response begins that never ends by itself, and no WebSocket.
    const mayBegin = (exchange: Exchange | undefined, request: IncomingMessage) => {
      if (handsOver && asksForWebSocket(request)) return false
      return exchange === undefined ? handsOver : drain.isAdmitted(exchange) && !isLongLived(exchange)
    }
    this.gate.close({
      isAdmitted: (exchange, request) => upgrading.has(request) || mayBegin(exchange, request),
      onDecided: (exchange) => drain.decided(exchange)
    })
    if (!handsOver) this.#servers.refuseContinue()
    this.#endEachWithItsResponse()
    if (!this.#isInHurry) {
      this.#quietMoment.expectAgain(this.#transports.spoken, handsOver ? patienceInHandOver : undefined)
    }
    this.#transports.endIdleSessions()
    return drain
  }

  /**
   * HTTP/2 connections need no extra time. GOAWAY tells the client which streams were not processed, and it
   * opens them elsewhere.
   */
  #arrived(exchange: Exchange): void {
    const isLast = this.#transports.isRetiring(exchange) || this.#isLast()
    if (isLast) this.#transports.retire(exchange)
    const { socket, httpVersionMajor } = exchange.request
    this.#quietMoment.request(socket, isLast || httpVersionMajor === 2)
    if (this.#handsOver) this.afterHandOver++
    this.#drain?.arrived(exchange)
  }

  #departed(exchange: Exchange): void {
    const { socket, httpVersionMajor } = exchange.request
    this.#tally.count(exchange)
    this.waiting.delete(exchange)
    if (this.#drain !== undefined) this.#drain.departed(exchange)
    else if (httpVersionMajor === 1) this.#quietMoment.used(socket)
  }

  /** Late requests that came when the drain was over get the rest of its time. */
  async #lastAnswers(): Promise<void> {
    if (this.#drain === undefined || this.#drainTime === undefined) return
    this.#drain.includeLate()
    const overdue = await this.#drain.settled(this.#drainTime.left)
    await this.#cut(this.#drain, overdue, [])
  }

  async #cut(drain: Drain, overdue: readonly Exchange[], upgrades: readonly Upgrade[]): Promise<void> {
    if (overdue.length + upgrades.length === 0) return
    await this.#cuts.make(drain, overdue, upgrades, this.#timeToCut)
  }

  async #cutAll(isSpared: boolean): Promise<void> {
    const due = (exchange: Exchange) => !isSpared || !this.waiting.has(exchange)
    await this.#cuts.cut([...this.flight], due, new Budget(this.#timeToCut))
  }

  /** How long cutting may take, in ms. 0 before the drain: a second signal may cut requests then. */
  get #timeToCut(): number {
    return this.#partners?.timeToCut() ?? 0
  }

  #isAnswering(): boolean {
    for (const exchange of this.flight) {
      const { fate } = exchange
      if (fate !== 'cut' && fate !== 'ignored' && !this.waiting.has(exchange)) return true
    }
    return false
  }
}
