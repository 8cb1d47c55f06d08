import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import net from 'node:net'
import type { FastifyInstance } from 'fastify'
import { keepConnections, otherServers, rehearseClose, stopAccepting } from '../undocumented.ts'
import { SocketFile } from './socket-file.ts'

/** Requests whose clients wait for `100 Continue` before they send a body. */
const waitsForContinue = new WeakSet<ServerResponse>()

/** Sends `100 Continue` to a client that waits for it, because the request was let through. */
export function letContinue(response: ServerResponse): void {
  if (waitsForContinue.delete(response)) response.writeContinue()
}

/**
 * The servers that the app listens with. There may be more than `app.server`: Fastify makes one more for each other
 * address of `localhost`, and keeps it in an internal list.
 */
export class Servers {
  readonly #known = new Set<net.Server>()
  readonly #files = new Map<net.Server, SocketFile>()
  readonly #attach: (server: net.Server) => void

  constructor(attach: (server: net.Server) => void) {
    this.#attach = attach
  }

  add(server: net.Server): void {
    this.#known.add(server)
    server.on('listening', () => this.#noteFile(server))
    this.#attach(server)
  }

  /** Finds the servers that Fastify keeps in an internal list. */
  discover(app: FastifyInstance): void {
    for (const server of otherServers(app)) {
      if (this.#known.has(server)) continue
      this.add(server)
      keepConnections(server)
    }
  }

  /**
   * From now on only `stopListening` closes the listeners. If other code calls a server's `close` earlier, as
   * Node.js does for `listen({ signal })`, its callback runs when `stopListening` is called.
   */
  keepListening(): void {
    for (const server of this.#known) {
      Object.assign(server, {
        close: (callback?: () => void) => {
          if (callback !== undefined) server.once('close', callback)
          return server
        }
      })
    }
  }

  /**
   * From now on, a client that waits for `100 Continue` gets its answer at once, without sending a body (RFC 9110
   * §10.1.1). If the app has a handler for such requests, the app decides.
   */
  refuseContinue(): void {
    for (const server of this.#known) {
      if (server.listenerCount('checkContinue') > 0) continue
      server.on('checkContinue', (request, response) => {
        waitsForContinue.add(response)
        server.emit('request', request, response)
      })
    }
  }

  get areListening(): boolean {
    for (const { listening } of this.#known) if (listening) return true
    return false
  }

  /**
   * Closes servers that never listened, so that the real close is faster: the first run of this code takes four times
   * as long. A client that connects between the last look for new connections and the close is reset.
   */
  rehearse(): void {
    const others = new Servers(() => {})
    others.add(new net.Server())
    others.stopListening()
    rehearseClose()
  }

  /** Stops accepting. Open connections stay as they are. */
  stopListening(): void {
    for (const server of this.#known) {
      Reflect.deleteProperty(server, 'close')
      const stop = () => stopAccepting(server)
      const file = this.#files.get(server)
      if (file === undefined) stop()
      else file.close(stop)
      this.#files.delete(server)
    }
  }

  /** Removes the files of unix sockets, for a process that ends with open listeners. */
  removeFiles(): void {
    for (const file of this.#files.values()) file.remove()
  }

  #noteFile(server: net.Server): void {
    const file = SocketFile.of(server)
    if (file !== undefined) this.#files.set(server, file)
  }
}

/** Gives each request to `look` first. The earlier listeners get the requests that `look` leaves. */
export function putBefore(
  server: Server,
  look: (request: IncomingMessage, response: ServerResponse) => boolean
): void {
  // Raw listeners, so that a listener that was added by `once` removes itself from the server, and runs once.
  const others = server.rawListeners('request') as RequestListener[]
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    if (look(request, response)) return
    for (const other of others) other.call(server, request, response)
  })
}
