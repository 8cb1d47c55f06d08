import type { Server } from 'node:http'
import net from 'node:net'
import type { RawServerBase } from 'fastify'
import { Arrivals } from './arrivals.ts'
import { now } from './clock.ts'
import { Connections } from './connections.ts'
import { Drain } from './drain.ts'
import { Gate } from './gate.ts'
import { type Exchange, InFlight } from './in-flight.ts'
import type { Settings } from './options.ts'
import type { CutRequest, RequestTally } from './report.ts'
import { Shedding } from './shedding.ts'

/** How long nothing may have arrived before a listener is closed, or a connection ended, in ms. */
const quietSpell = 25

/** How long to wait for that at most, in ms. */
const quietLimit = 250

/**
 * The requests and connections of one app, from the first to the last.
 *
 * Until a shutdown begins it only keeps account; then it sheds, drains and stops, in this order.
 */
export class Traffic {
  readonly flight: InFlight = new InFlight()
  readonly gate: Gate
  readonly #connections = new Connections()
  /** Present from the beginning of the drain on. */
  #arrivals: Arrivals | undefined
  readonly #servers: net.Server[] = []
  #inFlightAtStart = 0
  #completed = 0
  #aborted = 0
  readonly #cut: CutRequest[] = []

  constructor(retryAfter: Settings['retryAfter']) {
    this.gate = new Gate(retryAfter)
  }

  /** Sees every request before Fastify does. */
  attach(server: RawServerBase): void {
    const listener = server as Server
    listener.prependListener('request', (request, response) => this.flight.add(request, response))
    listener.on('connection', (socket) => {
      this.#connections.add(socket)
      socket.once('close', () => this.flight.connectionClosed(socket))
      this.#arrivals?.mark()
    })
    this.#servers.push(listener)
  }

  /** The shutdown has begun: from now on, what becomes of each request is counted. */
  observe(): void {
    this.#inFlightAtStart = this.flight.count
    this.flight.onDeparture = (exchange) => this.#count(exchange)
  }

  shed(window: number): void {
    const shedding = new Shedding(window)
    this.flight.onArrival = (exchange) => shedding.arrived(exchange)
  }

  /** Lets what is in flight finish, up to the limit, and cuts what is left. */
  async finish(limit: number): Promise<void> {
    const drain = new Drain(this.flight)
    const arrivals = new Arrivals()
    this.#arrivals = arrivals
    this.gate.close((exchange) => drain.isAdmitted(exchange))
    this.flight.onArrival = (exchange) => {
      arrivals.mark()
      drain.arrived(exchange)
    }
    this.flight.onDeparture = (exchange) => {
      this.#count(exchange)
      drain.departed(exchange)
    }
    for (const exchange of await drain.finish(limit)) this.#cutOff(exchange)
  }

  /**
   * Closes the listeners, then every connection. The system resets connections that wait to be
   * accepted when a listener is closed, and a request on its way is lost when its connection is
   * ended: so both are done when nothing has arrived for a while.
   */
  async stop(): Promise<void> {
    const arrivals = this.#arrivals as Arrivals
    this.gate.park()
    if (arrivals.any || this.#connections.count > 0) await arrivals.quiet(quietSpell, quietLimit)
    await arrivals.pause(quietLimit)
    for (const server of this.#servers) stopListening(server)
    this.gate.release()
    if (this.#connections.count > 0) await arrivals.quiet(quietSpell, quietLimit, () => this.flight.count > 0)
    await this.#connections.end()
  }

  get tally(): RequestTally {
    return {
      inFlight: this.#inFlightAtStart,
      completed: this.#completed,
      rejected: this.gate.rejected,
      aborted: this.#aborted,
      cut: this.#cut
    }
  }

  #count({ fate, response }: Exchange): void {
    if (fate !== undefined) return
    if (response.writableFinished) this.#completed++
    else this.#aborted++
  }

  #cutOff(exchange: Exchange): void {
    exchange.fate = 'cut'
    this.#cut.push(describeCut(exchange))
    exchange.response.destroy()
  }
}

/**
 * Stops accepting without touching the open connections: `http.Server`'s own `close` would destroy
 * those it calls idle, whatever still waits in their buffers.
 */
function stopListening(server: net.Server): void {
  if (server.listening) net.Server.prototype.close.call(server)
}

function describeCut({ request, routed, since }: Exchange): CutRequest {
  const path = String(request.url).split('?', 1)[0] as string
  return {
    id: routed === undefined ? null : String(routed.id),
    method: String(request.method),
    route: routed?.routeOptions.url ?? path,
    age: Math.round(now() - since)
  }
}
