import type { FastifyInstance } from 'fastify'
import { Oldest } from '../bounds.ts'
import type { Exchange } from '../connections/exchange.ts'
import { endPolitely } from '../connections/tcp.ts'
import type { Transports } from '../connections/transports.ts'
import type { Upgrade } from '../connections/websocket.ts'
import type { CutRequest } from '../report/report.ts'
import { logCutRequest, logLeftRequest, logOthers } from '../telemetry/log.ts'
import { publish } from '../telemetry/publish.ts'
import { apart } from '../time/apart.ts'
import { Budget, lastMoment } from '../time/budget.ts'
import { inTurns } from '../time/in-turns.ts'
import { abortSignalOf } from '../undocumented.ts'
import { type Describable, describeExchange } from './describe.ts'
import type { Drain } from './drain.ts'
import { isServedToTheEnd } from './route.ts'

/** Ends requests whose time is up: notifies them, gives them a moment to answer, and cuts them. */
export class Cuts {
  readonly made: Oldest<CutRequest> = new Oldest()
  /** Requests whose client had gone. */
  readonly left: Oldest<CutRequest> = new Oldest()
  #loggedOthers = 0
  readonly #app: FastifyInstance
  readonly #transports: Transports

  constructor(app: FastifyInstance, transports: Transports) {
    this.#app = app
    this.#transports = transports
  }

  /**
   * Notifies the handlers, gives them a moment to answer, and cuts the requests that are left. If that takes
   * longer than `limit` ms, the rest counts as cut, and ends with the connections.
   */
  async make(
    drain: Drain,
    overdue: readonly Exchange[],
    upgrades: readonly Upgrade[],
    limit: number
  ): Promise<void> {
    const telling = new Budget(limit / 2)
    await inTurns([...overdue, ...upgrades], ({ request }) => {
      // If a listener throws, the signals of the other requests must still abort.
      if (telling.left > 0) apart(() => abortSignalOf(request))
    })
    const [exchanges, unanswered] = await Promise.all([
      drain.settled(lastMoment),
      this.#transports.webSockets.answered(upgrades, lastMoment)
    ])
    const cutting = new Budget(limit / 2)
    await inTurns(unanswered, (upgrade) => {
      this.#noteCut(upgrade)
      if (cutting.left > 0) endPolitely(upgrade.socket)
    })
    await this.cut(exchanges, (exchange) => drain.isWaitingFor(exchange), cutting)
  }

  /** Ends requests at once, if they are still `due` when their turn comes. */
  async cut(
    exchanges: readonly Exchange[],
    due: (exchange: Exchange) => boolean,
    time: Budget
  ): Promise<void> {
    await inTurns([...bySocket(exchanges).values()], (those) => {
      const cut = this.#mark(those.filter(due))
      if (time.left > 0) for (const exchange of cut) apart(() => this.#transports.cut(exchange))
    })
    this.#logOthers()
  }

  /** Logs how many cut requests got no line of their own, and were not counted in an earlier line. */
  #logOthers(): void {
    const others = this.made.others + this.left.others
    logOthers(this.#app.log, 'requests', others - this.#loggedOthers)
    this.#loggedOthers = others
  }

  /**
   * Marks all requests of one connection together. When the connection ends, none of them may count as left
   * by its client.
   */
  #mark(exchanges: readonly Exchange[]): Exchange[] {
    const cut = exchanges.filter((exchange) => exchange.fate === undefined)
    for (const exchange of cut) {
      exchange.fate = 'cut'
      this.#note(exchange)
    }
    return cut.filter(({ isClientGone }) => !isClientGone)
  }

  #note(exchange: Exchange): void {
    if (isServedToTheEnd(exchange)) return
    if (exchange.isClientGone) {
      const request = this.left.add(() => describeExchange(exchange))
      if (request !== undefined) logLeftRequest(this.#app.log, request)
    } else this.#noteCut(exchange)
  }

  #noteCut(what: Describable): void {
    const request = this.made.add(() => describeExchange(what))
    if (request !== undefined) logCutRequest(this.#app.log, request)
    publish('fastify-lifecycle:cut', () => ({
      fastify: this.#app,
      request: request ?? describeExchange(what)
    }))
  }
}

/** Several pipelined requests may wait on one connection. */
function bySocket(exchanges: readonly Exchange[]): Map<unknown, Exchange[]> {
  const groups = new Map<unknown, Exchange[]>()
  for (const exchange of exchanges) {
    const { socket } = exchange.request
    const group = groups.get(socket)
    if (group === undefined) groups.set(socket, [exchange])
    else group.push(exchange)
  }
  return groups
}
