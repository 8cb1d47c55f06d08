import type { Server } from 'node:http'
import type net from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Exchange } from '../connections/exchange.ts'
import type { Farewell } from '../connections/farewell.ts'
import { Parked } from '../connections/parked.ts'
import { QuietMoment, shortInterval } from '../connections/quiet-moment.ts'
import { putBefore, Servers } from '../connections/servers.ts'
import { Shedding } from '../connections/shedding.ts'
import { endSilent, shortestWindow } from '../connections/silent.ts'
import { Stop } from '../connections/stop.ts'
import { Transports } from '../connections/transports.ts'
import type { ProbeResponder } from '../health/probe-responder.ts'
import type { ArrivalReport } from '../report/arrivals.ts'
import type { ConnectionTally, RequestTally } from '../report/report.ts'
import type { Budget } from '../time/budget.ts'
import { Arrivals } from './arrivals.ts'
import { Cuts } from './cut.ts'
import { EndOfRequests, type Partners } from './end-of-requests.ts'
import { Gate } from './gate.ts'
import { InFlight } from './in-flight.ts'
import { Rejections } from './rejection.ts'
import { Tally } from './tally.ts'
import { Waiting } from './waiting.ts'

/**
 * The requests and connections of one app, from the first to the last.
 *
 * Until a shutdown begins, this class only notes them. Then it sheds, drains and stops, in this order.
 */
export class Traffic {
  readonly flight: InFlight = new InFlight(() => this.#transports.connections.open)
  readonly gate: Gate
  readonly stop: Stop
  readonly waiting: Waiting = new Waiting(this.flight, (exchange) => this.#end.departed(exchange))
  /** How many requests have come since the app handed over. */
  afterHandOver = 0
  #handsOver = false
  readonly #app: FastifyInstance
  readonly #respond: ProbeResponder
  readonly #transports: Transports
  readonly #servers = new Servers((server) => this.#attach(server))
  readonly #quietMoment = new QuietMoment()
  readonly #parked = new Parked()
  readonly #tally = new Tally()
  readonly #cuts: Cuts
  readonly #end: EndOfRequests
  /** Set when a shutdown begins. */
  #arrivals: Arrivals | undefined
  /** If `true`, there is no extra wait for clients that were served just before the shutdown. */
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
    const rejections = new Rejections(settings)
    this.gate = new Gate(rejections, this.#parked, (response, request) =>
      this.flight.adopt(response, request)
    )
    this.#transports = new Transports(settings.websocket, {
      onOpen: (socket) => this.#quietMoment.connection(socket),
      onLeave: (socket) => this.#quietMoment.request(socket, true),
      onClose: (socket) => this.flight.connectionClosed(socket)
    })
    this.#cuts = new Cuts(app, this.#transports)
    this.#end = new EndOfRequests({
      ...{ flight: this.flight, waiting: this.waiting, gate: this.gate, rejections, cuts: this.#cuts },
      ...{ servers: this.#servers, transports: this.#transports, quietMoment: this.#quietMoment },
      onBegin: () => {
        this.#arrivals?.drainBegins()
        this.#endEachWithItsResponse()
      }
    })
    this.stop = new Stop({
      servers: this.#servers,
      connections: this.#transports.connections,
      quietMoment: this.#quietMoment,
      parked: this.#parked,
      isAnswering: () => this.#end.isAnswering,
      lastAnswers: () => this.#end.lastAnswers(),
      hasWaiting: () => !this.waiting.isEmpty,
      cutAll: (isSpared) => this.#end.cutAll(isSpared)
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

  /** Removes the files of unix sockets, for a process that ends before its listeners are closed. */
  removeSocketFiles(): void {
    this.#servers.removeFiles()
  }

  /** The shutdown has begun. From now on, counts how each request ends. */
  observe({ isInHurry, since }: { isInHurry: boolean; since: number }): void {
    this.#isInHurry = isInHurry
    this.flight.followAll()
    this.#arrivals = new Arrivals(this.#transports.connections.open, since)
    this.#servers.keepListening()
    this.#tally.inFlight = this.flight.count
    this.#quietMoment.watch(isInHurry && this.flight.count === 0 ? shortInterval : undefined)
    this.flight.onArrival = (exchange) => this.#arrived(exchange)
    this.flight.onDeparture = (exchange) => this.#departed(exchange)
  }

  /** Begins the gradual shedding: the app still serves, and more and more responses end their connections. */
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

  /** Lets requests in flight finish while there is time, and cuts the rest. */
  finish(time: Budget, partners: Partners): Promise<void> {
    return this.#end.finish(time, partners, { handsOver: this.#handsOver, isInHurry: this.#isInHurry })
  }

  /** Lets the handlers that wait for the shutdown answer, because everything else is done. */
  answerWaiting(limit: number): Promise<void> {
    return this.#end.answerWaiting(limit)
  }

  get tally(): RequestTally {
    return this.#tally.of([...this.flight], this.#cuts, this.gate.rejected)
  }

  /** The tally so far, without requests that wait for the shutdown, because the shutdown does not cut these. */
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
    this.#end.arrived(exchange)
  }

  #departed(exchange: Exchange): void {
    const { socket, httpVersionMajor } = exchange.request
    this.#tally.count(exchange)
    this.waiting.delete(exchange)
    if (this.#end.hasBegun) this.#end.departed(exchange)
    else if (httpVersionMajor === 1) this.#quietMoment.used(socket)
  }
}
