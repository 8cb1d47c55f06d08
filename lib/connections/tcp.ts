import type { Socket } from 'node:net'
import { clearTimeout, setTimeout } from '../time/clock.ts'
import { afterLastResponse, carrierOf } from '../undocumented.ts'

// How a connection is ended, whatever its protocol.

/** How long a client may take to end its half of a connection after the last response, in ms. */
const patience = 2_000

/**
 * Sends our FIN and reads on (RFC 9112 §9.6). Unread data, such as the rest of an upload, would make the
 * system send a reset. A reset can overtake and destroy the last response.
 */
export function endPolitely(socket: Socket): void {
  socket.end()
  socket.resume()
}

/**
 * Makes Node.js end a connection politely after a response with `Connection: close`. By default, Node.js destroys it
 * at once.
 */
export function lingerWhenDone(socket: Socket): void {
  afterLastResponse(socket, () => {
    endPolitely(socket)
    const timer = setTimeout(() => socket.destroy(), patience)
    socket.once('close', () => clearTimeout(timer))
  })
}

/** Ends a connection so that its client sees an error. To the client, a FIN could look like the end of the response. */
export function reset(socket: Socket): void {
  try {
    carrierOf(socket).resetAndDestroy()
  } catch {
    // A pipe cannot be reset.
    socket.destroy()
  }
}
