import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { lastMoment } from './budget.ts'
import { now } from './clock.ts'
import type { Drain } from './drain.ts'
import type { Exchange } from './in-flight.ts'
import { logCutRequest } from './narration.ts'
import type { CutRequest } from './report.ts'
import { publish } from './telemetry.ts'
import { endPolitely } from './transports/tcp.ts'
import type { Transports } from './transports/transports.ts'
import type { Upgrade } from './transports/websocket.ts'

/** The requests whose time was up: told so, given a moment to answer, and cut. */
export class Cuts {
  readonly made: CutRequest[] = []
  readonly #app: FastifyInstance
  readonly #transports: Transports

  constructor(app: FastifyInstance, transports: Transports) {
    this.#app = app
    this.#transports = transports
  }

  /** Tells the handlers, gives them a moment to answer, and cuts what is left then. */
  async make(drain: Drain, left: readonly Exchange[], upgrades: readonly Upgrade[]): Promise<void> {
    for (const { request } of [...left, ...upgrades]) tell(request)
    const [exchanges, unanswered] = await Promise.all([
      drain.settled(lastMoment),
      this.#transports.webSockets.answered(upgrades, lastMoment)
    ])
    for (const upgrade of unanswered) {
      this.#note(upgrade)
      endPolitely(upgrade.socket)
    }
    for (const exchange of exchanges) {
      exchange.fate = 'cut'
      this.#note(exchange)
      this.#transports.cut(exchange)
    }
  }

  #note(what: Describable): void {
    const request = describeExchange(what)
    this.made.push(request)
    logCutRequest(this.#app.log, request)
    publish('fastify-lifecycle:cut', () => ({ fastify: this.#app, request }))
  }
}

/** An exchange, or an upgrade, of which Fastify's view is not known. */
type Describable = Pick<Exchange, 'request' | 'since'> & Partial<Pick<Exchange, 'reply'>>

/**
 * Aborts Fastify's `request.signal`, without taking the connection from the answer. A listener that
 * throws is an error that nobody caught, and keeps no other request from being told.
 */
function tell(request: IncomingMessage): void {
  try {
    request.emit('close')
  } catch (error) {
    process.nextTick(() => {
      throw error
    })
  }
}

/** A request in flight, for the report. */
export function describeExchange({ request, reply, since }: Describable): CutRequest {
  const path = String(request.url).split('?', 1)[0] as string
  return {
    id: reply === undefined ? null : String(reply.request.id),
    method: String(request.method),
    route: reply?.request.routeOptions.url ?? path,
    age: Math.round(now() - since)
  }
}
