import diagnostics from 'node:diagnostics_channel'
import type { ServerResponse } from 'node:http'
import net, { type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

interface AcceptedSocket extends Socket {
  readonly server?: net.Server
}

/** Those whose clients wait to be told that they may send a body. */
const waitsForContinue = new WeakSet<ServerResponse>()

/** Tells a client that waits for it that it may send its body: the request was let through all the same. */
export function letContinue(response: ServerResponse): void {
  if (waitsForContinue.delete(response)) response.writeContinue()
}

/** Node.js publishes every connection that any server of the process accepts. */
const acceptedSockets = 'net.server.socket'

/**
 * The servers that the app listens with. There may be more than `app.server`: Fastify makes one
 * more for each other address of `localhost`, and keeps it to itself.
 */
export class Servers {
  readonly #known = new Set<net.Server>()
  readonly #attach: (server: net.Server) => void
  #stopDiscovery: () => void = () => {}

  constructor(attach: (server: net.Server) => void) {
    this.#attach = attach
  }

  add(server: net.Server): void {
    this.#known.add(server)
    this.#attach(server)
  }

  /** Finds the servers that Fastify keeps to itself by the first connection that each accepts. */
  discover(app: FastifyInstance, onConnection: (server: net.Server, socket: Socket) => void): void {
    const expected = app.addresses().length
    if (expected <= this.#known.size) return
    const ports = new Set(app.addresses().map(portOf))
    const look = (message: unknown) => {
      const { socket } = message as { socket: AcceptedSocket }
      const { server } = socket
      if (server === undefined || this.#known.has(server) || !ports.has(portOf(server.address()))) return
      this.add(server)
      keepConnections(server)
      onConnection(server, socket)
      if (this.#known.size >= expected) this.#stopDiscovery()
    }
    this.#stopDiscovery = () => diagnostics.unsubscribe(acceptedSockets, look)
    diagnostics.subscribe(acceptedSockets, look)
  }

  /**
   * From now on a client that asks whether it may send its body is not told to, but answered at
   * once (RFC 9110 §10.1.1), unless the app itself decides that.
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

  /**
   * Stops accepting without touching the open connections: `http.Server`'s own `close` would
   * destroy those it calls idle, whatever still waits in their buffers.
   */
  stopListening(): void {
    this.#stopDiscovery()
    for (const server of this.#known) {
      if (server.listening) net.Server.prototype.close.call(server)
    }
  }
}

/**
 * Fastify closes such a server as soon as its main one has closed, which may have had no connection, and
 * cuts what is idle there, or with `forceCloseConnections` everything: answers on their way would be lost.
 */
function keepConnections(server: net.Server): void {
  Object.assign(server, { closeIdleConnections() {}, closeAllConnections() {} })
}

function portOf(address: ReturnType<net.Server['address']>): number | undefined {
  return (address as net.AddressInfo | null)?.port
}
