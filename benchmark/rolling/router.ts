import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Owner } from '../../test/support/proxy.ts'

/** Where an endpoint listens. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/**
 * What a Service is to its clients: each new connection goes to one of the endpoints, and stays there
 * whatever becomes of the endpoint. It knows nothing of requests.
 */
export class Router {
  readonly endpoints: Set<Endpoint> = new Set()
  readonly troubles: Record<string, number> = {}
  readonly port: number

  private constructor(port: number) {
    this.port = port
  }

  static async start(owner: Owner): Promise<Router> {
    const open = new Set<Socket>()
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const router = new Router((server.address() as AddressInfo).port)
    server.on('connection', (client) => {
      open.add(client)
      client.once('close', () => open.delete(client))
      router.#route(client)
    })
    owner.after(() => {
      server.close()
      for (const socket of open) socket.destroy()
    })
    return router
  }

  /** Both directions by themselves: an end is passed on as an end, and a reset as a reset. */
  #route(client: Socket): void {
    const endpoints = [...this.endpoints]
    const endpoint = endpoints[Math.floor(Math.random() * endpoints.length)]
    if (endpoint === undefined) {
      this.#count('no endpoint')
      client.resetAndDestroy()
      return
    }
    const server = connect({ ...endpoint, allowHalfOpen: true, noDelay: true })
    server.on('error', (error: NodeJS.ErrnoException) => {
      this.#count(`${error.code} of an endpoint`)
      client.resetAndDestroy()
    })
    client.on('error', () => server.resetAndDestroy())
    client.pipe(server)
    server.pipe(client)
  }

  #count(what: string): void {
    this.troubles[what] = (this.troubles[what] ?? 0) + 1
  }
}
