import type { Socket } from 'node:net'
import { within } from './bounded.ts'

/** How long a client gets to answer our FIN with its own before its socket is destroyed, in ms. */
const linger = 50

/**
 * The open connections of the app's servers.
 *
 * Node.js closes only those it calls idle, which leaves out a socket that never sent a byte and
 * one that sent half a request head; both would hold the process up.
 */
export class Connections {
  readonly #sockets = new Set<Socket>()
  #onEmpty: (() => void) | undefined

  get count(): number {
    return this.#sockets.size
  }

  add(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      if (this.#sockets.size === 0) this.#onEmpty?.()
    })
  }

  /**
   * Ends every connection: first our half, so that what was written arrives, then, for a client
   * that does not answer, the whole socket (RFC 9112 §9.6).
   */
  async end(): Promise<void> {
    if (this.#sockets.size === 0) return
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    for (const socket of this.#sockets) endPolitely(socket)
    await within(linger, empty)
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** Sends our FIN and reads on: data left unread would make the system send a reset instead. */
export function endPolitely(socket: Socket): void {
  socket.end()
  socket.resume()
}
