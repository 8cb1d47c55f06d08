import type { IncomingMessage } from 'node:http'
import type { ServerHttp2Session } from 'node:http2'
import type net from 'node:net'
import type { Socket } from 'node:net'
import tls, { type TLSSocket } from 'node:tls'
import type { ConnectionTally } from '../report/report.ts'
import { now } from '../time/clock.ts'
import { Connections } from './connections.ts'
import { type Exchange, noteUse } from './exchange.ts'
import type { Farewell } from './farewell.ts'
import { Http1 } from './http1.ts'
import { close, Http2 } from './http2.ts'
import { WebSockets } from './websocket.ts'

/** Is notified of the sockets that speak HTTP/1.1. */
interface SocketObserver {
  onOpen(socket: Socket): void
  /** From now on, the socket speaks another protocol. */
  onLeave(socket: Socket): void
  onClose(socket: Socket): void
}

/** One interface for all kinds of connections that the app's servers have. */
export class Transports {
  readonly connections: Connections = new Connections()
  readonly webSockets: WebSockets
  readonly #http1 = new Http1()
  readonly #http2 = new Http2()
  readonly #observer: SocketObserver
  /** The sockets that began with HTTP/1.1, also those that were upgraded. */
  #spoken = 0

  // One function for all sockets, so that an idle socket takes almost no memory.
  readonly #end = (socket: Socket) => this.#http1.end(socket)
  readonly #onSpokenClose: (this: Socket) => void

  constructor(farewell: Farewell, observer: SocketObserver) {
    this.webSockets = new WebSockets(farewell)
    this.#observer = observer
    const fallSilent = (socket: Socket) => this.#fallSilent(socket)
    this.#onSpokenClose = function () {
      fallSilent(this)
    }
  }

  /** Follows all connections of a server from their beginning. */
  attach(server: net.Server): void {
    server.on('connection', (socket) => this.accept(server, socket))
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol === 'h2') this.#carry(socket)
      else this.#speak(socket)
    })
    server.on('session', (session: ServerHttp2Session) => {
      this.#http2.add(session)
      this.connections.add(session, close)
    })
    for (const handover of ['upgrade', 'connect'] as const) {
      whenHandedOver(server, handover, (request, socket) => {
        if (!this.#http1.leave(socket)) return
        noteUse(socket, Number.NEGATIVE_INFINITY)
        this.#observer.onLeave(socket)
        this.webSockets.add(request, socket)
      })
    }
  }

  accept(server: net.Server, socket: Socket): void {
    if (server instanceof tls.Server || 'updateSettings' in server) this.#carry(socket)
    else this.#speak(socket)
  }

  /** The number of open connections, by protocol. */
  get tally(): ConnectionTally {
    const { count: websocket, others: upgraded } = this.webSockets
    return { http1: this.#spoken - websocket - upgraded, http2: this.#http2.count, websocket, upgraded }
  }

  /** Lets the connection of this exchange end as soon as what is in flight on it has ended. */
  retire(exchange: Exchange): void {
    if (exchange.request.httpVersionMajor === 2) this.#http2.retire(exchange)
    else this.#http1.retire(exchange)
  }

  /** Whether the connection already ends with an earlier exchange. */
  isRetiring(exchange: Exchange): boolean {
    return exchange.request.httpVersionMajor === 1 && this.#http1.isRetiring(exchange)
  }

  /** Ends this exchange at once. */
  cut(exchange: Exchange): void {
    if (exchange.request.httpVersionMajor === 2) this.#http2.cut(exchange)
    else this.#http1.cut(exchange)
  }

  /** The sockets that began with HTTP/1.1, also those that were upgraded. */
  get spoken(): Iterable<Socket> {
    return this.connections.endedBy(this.#end)
  }

  /** Ends a socket that speaks HTTP/1.1, if nothing is in flight on it. */
  endIfIdle(socket: Socket): void {
    this.#http1.endIfIdle(socket)
  }

  /** Ends the HTTP/2 sessions that have no stream. No request is lost by that. */
  endIdleSessions(): void {
    void this.#http2.endIdle()
  }

  /** Adds a socket that speaks HTTP/1.1. */
  #speak(socket: Socket): void {
    this.connections.add(socket, this.#end)
    this.#spoken++
    noteUse(socket, now())
    this.#observer.onOpen(socket)
    socket.on('close', this.#onSpokenClose)
  }

  #fallSilent(socket: Socket): void {
    this.#spoken--
    this.#observer.onClose(socket)
  }

  /** Adds a socket that carries TLS or an HTTP/2 session. */
  #carry(socket: Socket): void {
    this.connections.add(socket, leaveToItsSpeaker)
  }
}

/** A FIN on this socket would cut off the TLS or HTTP/2 session that it carries. */
const leaveToItsSpeaker = () => {}

/**
 * Notices connections that leave HTTP/1.1 for another protocol, if the app listens for that. If the app has no
 * listener, a listener of the plugin would change what Node.js does with such requests. So the plugin's listener is
 * added with the app's first listener, and removed with the last.
 */
function whenHandedOver(
  server: net.Server,
  handover: 'upgrade' | 'connect',
  onHandover: (request: IncomingMessage, socket: Socket) => void
): void {
  const listeners = () => server.listeners(handover)
  const join = () => {
    if (!listeners().includes(onHandover)) server.prependListener(handover, onHandover)
  }
  server.on('newListener', (event, listener) => {
    if (event === handover && listener !== onHandover) join()
  })
  server.on('removeListener', (event, listener) => {
    if (event !== handover || listener === onHandover) return
    if (listeners().every((other) => other === onHandover)) server.removeListener(handover, onHandover)
  })
  if (listeners().length > 0) join()
}
