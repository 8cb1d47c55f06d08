import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { now } from '../time/clock.ts'
import { isListenerOfStream, watchSettling } from '../undocumented/settling.ts'
import { responseOn } from '../undocumented.ts'

const exchangeOf: unique symbol = Symbol('fastify-lifecycle.exchange')
const usedAt: unique symbol = Symbol('fastify-lifecycle.usedAt')
const notUnderstood: unique symbol = Symbol('fastify-lifecycle.notUnderstood')

interface NotedResponse extends ServerResponse {
  [exchangeOf]?: Exchange
}

interface NotedSocket extends Socket {
  /** When the socket was opened, or when the last request came on it, before the shutdown began. */
  [usedAt]?: number
  [notUnderstood]?: true
}

type Methods = Pick<ServerResponse, 'end' | 'write' | 'on'>

/** One request and its response, from the request's arrival to the response's `close`. */
export class Exchange {
  readonly response: ServerResponse
  readonly since: number = now()
  /** Fastify's reply, once the request has reached the gate. */
  reply: FastifyReply | undefined = undefined
  /** What the shutdown has decided about this exchange; `undefined` if nothing. */
  fate: 'rejected' | 'ignored' | 'cut' | undefined = undefined
  /** Whether the client has gone while the handler was at work. */
  isClientGone = false
  /** Called when the handler is done, if the client has gone. Removed by that call. */
  onAnswered: ((exchange: Exchange) => void) | undefined = undefined
  /**
   * The response's own methods, which are replaced while the response is watched. Other code may have kept the
   * replaced methods, and may call them later.
   */
  methods: Methods | undefined = undefined
  /** Whether the response is ended when the drain begins; `undefined` until the route was asked. */
  isLongLived: boolean | undefined = undefined
  /** The stream that a `longLived` response is made from. */
  source: Readable | undefined = undefined

  constructor(response: ServerResponse) {
    this.response = response
  }

  get request(): IncomingMessage {
    return this.response.req
  }
}

/** Begins an exchange, and stores it in the response. */
export function beginExchange(response: ServerResponse): Exchange {
  const exchange = new Exchange(response)
  ;(response as NotedResponse)[exchangeOf] = exchange
  return exchange
}

/** The exchange that a raw response belongs to. An injected response has no connection, and no exchange. */
export function findExchange(response: ServerResponse | null | undefined): Exchange | undefined {
  return (response as NotedResponse | null | undefined)?.[exchangeOf]
}

/** The exchange that is being answered on a socket. Requests that Node.js answers by itself have no exchange. */
export function exchangeOn(socket: object): Exchange | undefined {
  return findExchange(responseOn(socket))
}

/** Whether the head of a response has been sent. A plugin may have redefined `headersSent` on the response itself. */
export function hasBegun(response: ServerResponse): boolean {
  return Reflect.get(Object.getPrototypeOf(response), 'headersSent', response) === true
}

/**
 * Calls `act` once, when the handler of a request whose client has gone is done. Node.js and Fastify have no event
 * for this. Many clients may leave at the same moment, so all exchanges share their functions.
 */
export function onceAnswered(exchange: Exchange, act: (exchange: Exchange) => void): void {
  const { response, reply, isClientGone } = exchange
  if (isClientGone) return
  exchange.isClientGone = true
  exchange.onAnswered = act
  exchange.methods = methodsOf(response)
  Object.assign(response, watchedMethods)
  if (reply !== undefined) watchSettling(reply, settled)
}

/** Called when the handler is done. */
function answered(exchange: Exchange | undefined): void {
  const act = exchange?.onAnswered
  if (exchange === undefined || act === undefined) return
  exchange.onAnswered = undefined
  Object.assign(exchange.response, exchange.methods)
  act(exchange)
}

const settled = (reply: FastifyReply): void => answered(findExchange(reply.raw))

let lastMethods: Methods | undefined

/** The methods of a response. Nearly all responses have the same methods, so they share one object. */
function methodsOf({ end, write, on }: ServerResponse): Methods {
  const { end: lastEnd, write: lastWrite, on: lastOn } = lastMethods ?? {}
  if (lastMethods === undefined || lastEnd !== end || lastWrite !== write || lastOn !== on) {
    lastMethods = { end, write, on }
  }
  return lastMethods
}

/** These replace the methods of a response while its handler is at work. */
const watchedMethods: Partial<ServerResponse> = {
  end: watched('end'),
  write: watched('write'),
  on: watched('on', isListenerOfStream)
}

function watched<Method extends 'end' | 'write' | 'on'>(
  method: Method,
  isAnswer: (first: never, second: never) => boolean = () => true
): ServerResponse[Method] {
  return function (this: ServerResponse, ...given: never[]): unknown {
    const exchange = findExchange(this) as Exchange
    if (isAnswer(given[0] as never, given[1] as never)) answered(exchange)
    return ((exchange.methods as Methods)[method] as (...given: never[]) => unknown).apply(this, given)
  } as ServerResponse[Method]
}

/** Stores Fastify's reply in the exchange. */
export function noteReply(exchange: Exchange, reply: FastifyReply): void {
  exchange.reply = reply
  if (exchange.onAnswered !== undefined) watchSettling(reply, settled)
}

/** Notes that a socket was opened, or that a request came on it. */
export function noteUse(socket: Socket, at: number): void {
  ;(socket as NotedSocket)[usedAt] = at
}

/** Whether a socket was used in the last `ms` before the shutdown began, and is idle now. */
export function wasUsedWithin(socket: Socket, ms: number): boolean {
  const { [usedAt]: at = Number.NEGATIVE_INFINITY } = socket as NotedSocket
  return now() - at <= ms && !isAnswering(socket)
}

/** From now on, the socket always counts as in use, because the plugin cannot see what is in flight on it. */
export function noteNotUnderstood(socket: Socket): void {
  ;(socket as NotedSocket)[notUnderstood] = true
}

/** Whether a request on this socket has no complete response yet. */
export function isAnswering(socket: Socket): boolean {
  return responseOn(socket) != null || (socket as NotedSocket)[notUnderstood] === true
}
