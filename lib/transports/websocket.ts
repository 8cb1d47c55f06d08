import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { within } from '../bounded.ts'
import type { Settings } from '../options.ts'
import { spread } from '../spread.ts'

/** The first byte of a close frame: the last fragment (FIN), with the opcode 8. */
const closeFrame = 0x88

/** How long a client may take to answer a close frame, in ms. */
const patience = 1_000

/**
 * WebSocket connections. The HTTP server knows nothing of them any more, and any library or none
 * may own them: so their clients are told on the wire.
 */
export class WebSockets {
  readonly #sockets = new Set<Duplex>()
  readonly #farewell: Buffer

  constructor({ code, reason }: Settings['websocket']) {
    const text = Buffer.from(reason)
    // RFC 6455 §5.5.1: the status code in two bytes, then the reason; a server does not mask it.
    this.#farewell = Buffer.from([closeFrame, 2 + text.length, code >> 8, code & 0xff, ...text])
  }

  add(request: IncomingMessage, socket: Duplex): void {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  /** Tells every client that the service restarts, and waits until each has answered, within bounds. */
  async close(limit: number): Promise<void> {
    const answers: Promise<unknown>[] = []
    await spread([...this.#sockets], limit, (socket) => {
      const closed = new Promise<void>((resolve) => socket.once('close', resolve))
      if (socket.writable) socket.write(this.#farewell)
      answers.push(within(Math.min(patience, limit), closed))
    })
    await Promise.all(answers)
  }
}
