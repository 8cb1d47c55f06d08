import type { IncomingMessage, ServerResponse } from 'node:http'
import net, { type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

// Everything that we use of Node.js and Fastify, and that their documentation does not promise. Each function
// fails safe: a request that we do not understand counts as in flight. `test/unit/undocumented.test.ts` has an
// assertion for each function, and fails when a release changes what the function uses.

/** The fields of a socket on which Node.js speaks HTTP/1.1. */
interface HttpSocket {
  readonly server?: object
  readonly _httpMessage?: ServerResponse | null
}

/** The response that Node.js is writing on a socket, until it has handed the last byte to the system. */
export function responseOn(socket: object): ServerResponse | null | undefined {
  return (socket as HttpSocket)._httpMessage
}

/** The server that accepted a socket. */
export function serverOf(socket: object): net.Server | undefined {
  return (socket as HttpSocket).server as net.Server | undefined
}

/** The TCP socket that carries a TLS socket, or the socket itself. */
export function carrierOf(socket: Socket): Socket {
  return (socket as { _parent?: Socket | null })._parent ?? socket
}

/** Whether a response that has begun marks the end of its body only by closing the connection, as in HTTP/1.0. */
export function endsWithConnection(response: ServerResponse): boolean {
  const { _header: head } = response as { _header?: string | null }
  return !/^(content-length|transfer-encoding):/im.test(String(head))
}

/**
 * After a response with `Connection: close`, Node.js closes the socket. This function makes it call `act`
 * instead.
 */
export function afterLastResponse(socket: Socket, act: () => void): void {
  socket.destroySoon = act
}

/**
 * Stops accepting connections. `http.Server`'s own `close` would also destroy the connections that Node.js
 * considers idle.
 */
export function stopAccepting(server: net.Server): void {
  if (server.listening) net.Server.prototype.close.call(server)
}

/**
 * Calls `close` once in advance. Node.js compiles a function at its first call, which takes longer than the
 * call itself.
 */
export function rehearseClose(): void {
  net.Server.prototype.close.call(new net.Server())
}

/**
 * Fastify closes its second server for `localhost` as soon as its first server has closed. Without this
 * function, that close would cut responses that are still being sent.
 */
export function keepConnections(server: net.Server): void {
  Object.assign(server, { closeIdleConnections() {}, closeAllConnections() {} })
}

/**
 * The requests to the thread pool that Node.js lists: files and host names. Node.js does not list cryptography.
 */
export function poolRequests(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((type) => /^(FSReq|GetAddrInfoReq|GetNameInfoReq)/.test(type))
}

/** Whether a file is being read or written by the thread pool. */
export function isUsingFiles(): boolean {
  return poolRequests().some((type) => type.startsWith('FSReq'))
}

/**
 * Aborts Fastify's `request.signal`, which listens to the request's `'close'` event. The connection stays open
 * for the response.
 */
export function abortSignalOf(request: IncomingMessage): void {
  request.emit('close')
}

/** The instance that an encapsulated instance was made from; `undefined` for the root. */
export function parentOf(app: FastifyInstance): FastifyInstance | undefined {
  const parent = Object.getPrototypeOf(app)
  return 'register' in parent ? parent : undefined
}

/** Whether the app trusts a proxy in front of it; `false` if that cannot be found out. */
export function trustsProxy(app: FastifyInstance): boolean {
  const { trustProxy } = (ownSymbol(app, 'fastify.options') ?? {}) as { trustProxy?: unknown }
  return Boolean(trustProxy)
}

/** A line of the printed tree, and its parts. */
type RouteLine = readonly [line: string, indent: string, branch: string | undefined, label: string]

/**
 * The paths of all routes of this method, whatever their constraints. Fastify only prints the routes, as a
 * tree. Each level is indented by four characters. A route with other constraints stands on a line below,
 * without a branch.
 */
export function routesOf(app: FastifyInstance, method: 'GET' | 'HEAD'): string[] {
  const path: string[] = []
  const lines = app.printRoutes({ commonPrefix: false, method }).split('\n')
  return lines.flatMap((line) => {
    const parts = /^((?:│ {3}| {4})*)([├└]── )?(.*)$/.exec(line) as unknown as RouteLine
    const [, indent, branch, label] = parts
    const depth = indent.length / 4 - (branch === undefined ? 1 : 0)
    const segment = label.replace(/ \([A-Z, -]+\)( \{.*\})?$/, '')
    path.splice(depth, path.length, segment)
    return segment === label ? [] : [path.join('')]
  })
}

/** The boot that is under way: `ready()` returns the same promise until the boot is over. */
export function currentBoot(app: FastifyInstance): unknown {
  return app.ready()
}

/** The servers of Fastify besides `app.server`: one for each further address of `localhost`. */
export function otherServers(app: FastifyInstance): net.Server[] {
  const bindings = ownSymbol(app, 'fastify.serverBindings') as net.Server[] | undefined
  return (bindings ?? []).filter((server) => server !== app.server)
}

/** A `preClose` hook, and the instance that it was added to. */
export interface PreCloseHook {
  readonly instance: FastifyInstance
  readonly hook: (this: FastifyInstance, done: (error?: Error) => void) => unknown
}

/** Takes the `preClose` hooks out of an app and its encapsulated plugins, in the order in which Fastify runs them. */
export function takePreCloseHooks(instance: FastifyInstance): PreCloseHook[] {
  const hooks = ownSymbol(instance, 'fastify.hooks') as { preClose?: PreCloseHook['hook'][] } | undefined
  const children = ownSymbol(instance, 'fastify.children') as FastifyInstance[] | undefined
  const own = (hooks?.preClose ?? []).splice(0).map((hook) => ({ instance, hook }))
  return [...own, ...(children ?? []).flatMap(takePreCloseHooks)]
}

/** The symbol with this description among the object's own keys. */
export function symbolOf(object: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find((each) => each.description === description)
}

/** The value that an object has under its own symbol with this description. */
export function ownSymbol(app: object, description: string): unknown {
  const symbol = symbolOf(app, description)
  return symbol === undefined ? undefined : (app as Record<symbol, unknown>)[symbol]
}
