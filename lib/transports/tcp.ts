import type { Socket } from 'node:net'
import { clearTimeout, setTimeout } from '../clock.ts'

// How a connection is ended, whatever is spoken on it.

/** How long a client may take to end its half of a connection whose last response is out, in ms. */
const patience = 2_000

/**
 * Sends our FIN and reads on (RFC 9112 §9.6). Data that is left unread, such as the rest of an
 * upload, would make the system send a reset, which can overtake and destroy the last response.
 */
export function endPolitely(socket: Socket): void {
  socket.end()
  socket.resume()
}

/**
 * Makes Node.js, which destroys a connection right after a response that says
 * `Connection: close`, end it politely instead.
 */
export function lingerWhenDone(socket: Socket): void {
  socket.destroySoon = () => {
    endPolitely(socket)
    const timer = setTimeout(() => socket.destroy(), patience)
    socket.once('close', () => clearTimeout(timer))
  }
}
