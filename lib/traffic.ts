import type { Server } from 'node:http'
import type net from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Arrivals, shortTime } from './arrivals.ts'
import { within } from './bounded.ts'
import { Cuts, describeExchange } from './cuts.ts'
import { Drain } from './drain.ts'
import { Gate } from './gate.ts'
import { type Front, putBefore } from './health/front.ts'
import { type Exchange, InFlight, wasUsedWithin } from './in-flight.ts'
import type { Settings } from './options.ts'
import type { ConnectionTally, RequestTally } from './report.ts'
import { Servers } from './servers.ts'
import { Shedding } from './shedding.ts'
import { endSilent, shortestWindow } from './silence.ts'
import { spread } from './spread.ts'
import { endLongLived, isLongLived } from './transports/long-lived.ts'
import { Transports } from './transports/transports.ts'

/** How many spells of 25 ms to wait at most for a quiet one before the listeners are closed. */
const spellsToListen = 10

/** How long to look for the right turn of the event loop to close the listeners in, in ms. */
const pauseLimit = 250

/**
 * The requests and connections of one app, from the first to the last.
 *
 * Until a shutdown begins it only takes note of them; then it sheds, drains and stops, in this order.
 */
export class Traffic {
  readonly flight: InFlight = new InFlight(() => this.#transports.connections.open)
  readonly gate: Gate
  readonly #settings: Settings
  readonly #transports: Transports
  readonly #servers: Servers
  /** Present from the beginning of the shutdown on. */
  #arrivals: Arrivals | undefined
  /** Whether who was served just before the shutdown is not waited for. */
  #isInHurry = false
  #inFlightAtStart = 0
  #completed = 0
  #aborted = 0
  readonly #cuts: Cuts
  readonly #app: FastifyInstance
  readonly #front: Front
  #drain: Drain | undefined
  #stopShedding: () => void = () => {}

  /** `front` answers what is not for Fastify, and says whether it did. */
  constructor(app: FastifyInstance, settings: Settings, front: Front) {
    this.#app = app
    this.#front = front
    this.#settings = settings
    this.gate = new Gate(settings.retryAfter)
    this.#transports = new Transports(settings.websocket, {
      onOpen: (socket) => this.#arrivals?.connection(socket),
      onLeave: (socket) => this.#arrivals?.request(socket, true),
      onClose: (socket) => this.flight.connectionClosed(socket)
    })
    this.#cuts = new Cuts(app, this.#transports)
    this.#servers = new Servers((server) => this.#attach(server))
  }

  /** Sees every request before Fastify does, on every server that the app listens with. */
  watch(): void {
    this.#servers.add(this.#app.server)
    this.#app.addHook('onListen', (done) => {
      this.#servers.discover(this.#app, (server, socket) => this.#transports.accept(server, socket))
      done()
    })
  }

  /** The shutdown has begun: from now on, what becomes of each request is counted. */
  observe({ isInHurry }: { isInHurry: boolean }): void {
    const arrivals = new Arrivals()
    this.#arrivals = arrivals
    this.#isInHurry = isInHurry
    this.flight.followAll()
    this.#inFlightAtStart = this.flight.count
    this.flight.onDeparture = (exchange) => {
      this.#count(exchange)
      if (exchange.request.httpVersionMajor === 1) arrivals.used(exchange.request.socket)
    }
  }

  /** Serves on, and lets more and more connections end. */
  shed(window: number): void {
    const shedding = new Shedding(window)
    if (window >= shortestWindow) {
      this.#stopShedding = endSilent(
        window,
        () => this.#transports.spoken,
        (socket) => this.#transports.endIfIdle(socket)
      )
    }
    this.flight.onArrival = (exchange) => {
      const isLast = this.#transports.isRetiring(exchange) || shedding.isDue()
      if (isLast) this.#transports.retire(exchange)
      this.#heard(exchange, isLast)
    }
  }

  /** Lets what is in flight finish, up to the limit, and cuts what is left. */
  async finish(limit: number): Promise<void> {
    const drain = this.#begin()
    const longLived = [...this.flight].filter(isLongLived)
    const [left, upgrades] = await Promise.all([
      drain.settled(limit),
      this.#transports.webSockets.close(limit),
      spread(longLived, limit, (exchange) => endLongLived(exchange, this.#settings.retryAfter))
    ])
    if (left.length + upgrades.length > 0) await this.#cuts.make(drain, left, upgrades)
  }

  /**
   * Closes the listeners, then every connection. The system resets connections that wait to be
   * accepted when a listener is closed, and a request on its way is lost when its connection is
   * ended: so both are done when nothing has arrived for a while.
   */
  async stop(limit: number): Promise<void> {
    await within(limit, this.#stopPolitely())
    await this.cutOff()
  }

  /** Stops at once, whatever there is. */
  async cutOff(): Promise<void> {
    this.#servers.stopListening()
    this.gate.release()
    await this.#transports.connections.destroy()
  }

  async #stopPolitely(): Promise<void> {
    const arrivals = this.#arrivals as Arrivals
    const { connections } = this.#transports
    this.gate.park()
    if (arrivals.any || connections.count > 0) await arrivals.quiet(spellsToListen)
    await arrivals.inPause(pauseLimit, () => this.#servers.stopListening())
    this.gate.release()
    if (connections.count > 0) await arrivals.settled(() => this.#isAnswering())
    await connections.end()
  }

  /** Whether anything is in flight that was not given up. */
  #isAnswering(): boolean {
    for (const { fate } of this.flight) if (fate !== 'cut' && fate !== 'ignored') return true
    return false
  }

  /** Whether requests may be in flight that were not turned away. */
  get isAdmitting(): boolean {
    return this.#drain?.isWaiting ?? true
  }

  /** What became of the requests; when the shutdown ends before its time, what is in flight is cut by that. */
  get tally(): RequestTally {
    const cutByTheEnd = [...this.flight].filter(({ fate }) => fate === undefined).map(describeExchange)
    return {
      inFlight: this.#inFlightAtStart,
      completed: this.#completed,
      rejected: this.gate.rejected,
      aborted: this.#aborted,
      cut: [...this.#cuts.made, ...cutByTheEnd]
    }
  }

  get connections(): ConnectionTally {
    return this.#transports.tally
  }

  #attach(server: net.Server): void {
    putBefore(server as Server, (request, response) => {
      this.flight.add(request, response, server)
      return this.#front(request, response, this.gate.hold)
    })
    this.#transports.attach(server)
  }

  /** The flip: what arrives from now on is not admitted any more, and every connection is to end. */
  #begin(): Drain {
    this.#stopShedding()
    const drain = new Drain(this.flight)
    this.#drain = drain
    const upgrading = this.#transports.webSockets.pending()
    // A response that never ends by itself is not begun any more.
    const mayBegin = (exchange: Exchange) => drain.isAdmitted(exchange) && !isLongLived(exchange)
    this.gate.close(
      (exchange, request) => (exchange !== undefined && mayBegin(exchange)) || upgrading.has(request)
    )
    this.flight.onArrival = (exchange) => {
      this.#transports.retire(exchange)
      this.#heard(exchange, true)
    }
    this.flight.onDeparture = (exchange) => {
      this.#count(exchange)
      drain.departed(exchange)
    }
    this.#servers.refuseContinue()
    for (const exchange of this.flight) this.#transports.retire(exchange)
    if (!this.#isInHurry) this.#expectAgain()
    this.#transports.endIdleSessions()
    return drain
  }

  /** Nobody could be told: whoever has connected or asked just now may ask on that connection. */
  #expectAgain(): void {
    for (const socket of this.#transports.spoken) {
      if (wasUsedWithin(socket, shortTime)) (this.#arrivals as Arrivals).used(socket)
    }
  }

  /** HTTP/2 needs no patience: its client knows which streams were never looked at, and opens them elsewhere. */
  #heard({ request }: Exchange, isLast: boolean): void {
    ;(this.#arrivals as Arrivals).request(request.socket, isLast || request.httpVersionMajor === 2)
  }

  #count({ fate, response }: Exchange): void {
    if (fate !== undefined) return
    // One of HTTP/2 that is broken off counts itself as finished.
    if (response.writableEnded && response.writableFinished) this.#completed++
    else this.#aborted++
  }
}
