import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { now } from '../time/clock.ts'
import { isListenerOfStream, settlingWatch } from '../undocumented/settling.ts'
import { responseOn } from '../undocumented.ts'

const exchangeOf: unique symbol = Symbol('fastify-lifecycle.exchange')
const usedAt: unique symbol = Symbol('fastify-lifecycle.usedAt')
const notUnderstood: unique symbol = Symbol('fastify-lifecycle.notUnderstood')

interface NotedResponse extends ServerResponse {
  [exchangeOf]?: Exchange
}

interface NotedSocket extends Socket {
  /** When it was opened, or when the last request came on it, before the shutdown began. */
  [usedAt]?: number
  [notUnderstood]?: true
}

type Methods = Pick<ServerResponse, 'end' | 'write' | 'on'>

/** One request and its response, from the request's arrival to the response's `close`. */
export class Exchange {
  readonly response: ServerResponse
  readonly since: number = now()
  /** Fastify's view of it, once its hooks have run as far as the gate. */
  reply: FastifyReply | undefined = undefined
  /** What the shutdown has decided about it, if anything. */
  fate: 'rejected' | 'ignored' | 'cut' | undefined = undefined
  /** Whether its client has gone while its handler was at work. */
  isClientGone = false
  /** What to do when its handler is done, once its client has gone; nothing once that is done. */
  onAnswered: ((exchange: Exchange) => void) | undefined = undefined
  /** The response's own methods, as long as it is watched. Other code may have kept the watched ones, and call them later. */
  methods: Methods | undefined = undefined
  /** Whether its response is to be ended when the drain begins, once that was asked. */
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

/** Begins an exchange, which the response then leads to. */
export function beginExchange(response: ServerResponse): Exchange {
  const exchange = new Exchange(response)
  ;(response as NotedResponse)[exchangeOf] = exchange
  return exchange
}

/** The exchange that a raw response belongs to. An injected response has no connection, and no exchange. */
export function findExchange(response: ServerResponse | null | undefined): Exchange | undefined {
  return (response as NotedResponse | null | undefined)?.[exchangeOf]
}

/** The exchange that is being answered on a socket. Node.js answers some requests by itself: they have none. */
export function exchangeOn(socket: object): Exchange | undefined {
  return findExchange(responseOn(socket))
}

/** Whether the head of a response is out. A plugin may have redefined `headersSent` on the response itself. */
export function hasBegun(response: ServerResponse): boolean {
  return Reflect.get(Object.getPrototypeOf(response), 'headersSent', response) === true
}

/**
 * Calls back once, when the handler of a request whose client has gone is done: nothing else tells. A crowd may leave
 * at once, so nothing is made for each exchange that all of them can share.
 */
export function onceAnswered(exchange: Exchange, act: (exchange: Exchange) => void): void {
  const { response, reply } = exchange
  exchange.isClientGone = true
  exchange.onAnswered = act
  exchange.methods = methodsOf(response)
  Object.assign(response, watchedMethods)
  if (reply !== undefined) watchSettling(reply)
}

/** The handler is done. */
function answered(exchange: Exchange | undefined): void {
  const act = exchange?.onAnswered
  if (exchange === undefined || act === undefined) return
  exchange.onAnswered = undefined
  Object.assign(exchange.response, exchange.methods)
  act(exchange)
}

const watchSettling = settlingWatch((reply) => answered(findExchange(reply.raw)))

let lastMethods: Methods | undefined

/** Nearly all responses of an app have the same ones. */
function methodsOf({ end, write, on }: ServerResponse): Methods {
  const { end: lastEnd, write: lastWrite, on: lastOn } = lastMethods ?? {}
  if (lastMethods === undefined || lastEnd !== end || lastWrite !== write || lastOn !== on) {
    lastMethods = { end, write, on }
  }
  return lastMethods
}

/** In place of the methods of a response, as long as its handler is at work. */
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

/** Fastify has a view of the exchange from now on. */
export function noteReply(exchange: Exchange, reply: FastifyReply): void {
  exchange.reply = reply
  if (exchange.onAnswered !== undefined) watchSettling(reply)
}

/** A socket was opened, or a request came on it. */
export function noteUse(socket: Socket, at: number): void {
  ;(socket as NotedSocket)[usedAt] = at
}

/** Whether a socket was used within the last so many ms before the shutdown began, and is idle now. */
export function wasUsedWithin(socket: Socket, ms: number): boolean {
  const { [usedAt]: at = Number.NEGATIVE_INFINITY } = socket as NotedSocket
  return now() - at <= ms && !isAnswering(socket)
}

/** Nobody can tell any more what is in flight on this socket, so it always counts as in use. */
export function noteNotUnderstood(socket: Socket): void {
  ;(socket as NotedSocket)[notUnderstood] = true
}

/** Whether a response is being written on a socket, or waited for. */
export function isAnswering(socket: Socket): boolean {
  return responseOn(socket) != null || (socket as NotedSocket)[notUnderstood] === true
}
