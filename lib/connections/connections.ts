import type { EventEmitter } from 'node:events'
import { inTurns } from '../time/in-turns.ts'
import { within } from '../time/within.ts'

/** How long a client gets to answer our end with its own before its connection is destroyed, in ms. */
const linger = 50

/** A socket, or an HTTP/2 session. */
export interface Connection extends EventEmitter {
  destroy(): void
}

/** Ends a connection politely, so that everything that was written arrives. */
export type End<Of extends Connection> = (connection: Of) => void

/**
 * The open connections of the app's servers.
 *
 * Node.js closes only the connections that it calls idle. It leaves out sockets that never sent a byte or
 * sent half a request head, HTTP/2 sessions, and upgraded sockets. Each of these would keep the process
 * alive.
 */
export class Connections {
  readonly #open = new Map<Connection, End<Connection>>()
  readonly #onEmpty = new Set<() => void>()
  /** One function for all connections, so that an idle connection takes almost no memory. */
  readonly #onClose: (this: Connection) => void

  constructor() {
    const forget = (connection: Connection) => this.#forget(connection)
    this.#onClose = function () {
      forget(this)
    }
  }

  get count(): number {
    return this.#open.size
  }

  get open(): Iterable<Connection> {
    return this.#open.keys()
  }

  /** The connections that are ended in this way. */
  *endedBy<Of extends Connection>(way: End<Of>): Iterable<Of> {
    for (const [connection, end] of this.#open) if (end === way) yield connection as Of
  }

  /** Keeps the connection until it emits `close`. */
  add<Of extends Connection>(connection: Of, end: End<Of>): void {
    this.#open.set(connection, end as End<Connection>)
    connection.on('close', this.#onClose)
  }

  /** Resolves when no connection is open. */
  empty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#onEmpty.add(resolve))
  }

  /** Ends every connection politely, and waits a moment for the clients to do the same. */
  async end(): Promise<void> {
    await inTurns([...this.#open], ([connection, end]) => end(connection))
    await within(linger, this.empty())
  }

  /** Destroys all connections that are left. */
  async destroy(): Promise<void> {
    await inTurns([...this.#open.keys()], (connection) => connection.destroy())
    await within(linger, this.empty())
  }

  #forget(connection: Connection): void {
    this.#open.delete(connection)
    if (this.#open.size > 0) return
    for (const resolve of this.#onEmpty) resolve()
    this.#onEmpty.clear()
  }
}
