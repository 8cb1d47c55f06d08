import type { EventEmitter } from 'node:events'
import { within } from './bounded.ts'
import { inTurns } from './in-turns.ts'

/** How long a client gets to answer our end with its own before its connection is destroyed, in ms. */
const linger = 50

/** How a connection of some kind is ended. */
export interface Connection {
  /** Ends it politely: what was written arrives. */
  end(): void
  destroy(): void
}

/**
 * The open connections of the app's servers.
 *
 * Node.js closes only those it calls idle, which leaves out a socket that never sent a byte, one
 * that sent half a request head, HTTP/2 sessions and whatever has left HTTP; each would hold the
 * process up.
 */
export class Connections {
  readonly #open = new Set<Connection>()
  #onEmpty: (() => void) | undefined

  get count(): number {
    return this.#open.size
  }

  /** Keeps the connection until its emitter says `close`. */
  add(connection: Connection, emitter: EventEmitter): void {
    this.#open.add(connection)
    emitter.once('close', () => {
      this.#open.delete(connection)
      if (this.#open.size === 0) this.#onEmpty?.()
    })
  }

  /** Ends every connection politely, and waits a moment for the clients to do the same. */
  async end(): Promise<void> {
    await inTurns([...this.#open], (connection) => connection.end())
    await within(linger, this.#empty())
  }

  /** Ends what is left at once. */
  async destroy(): Promise<void> {
    await inTurns([...this.#open], (connection) => connection.destroy())
    await within(linger, this.#empty())
  }

  #empty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onEmpty = resolve
    })
  }
}
