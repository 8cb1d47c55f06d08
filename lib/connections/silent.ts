import type { Socket } from 'node:net'
import { clearTimeout, setTimeout } from '../time/clock.ts'
import { spread } from '../time/spread-over.ts'

/**
 * The shortest window that shows which connection is idle, in ms. An idle connection has no request in the last
 * quarter of the window, which then is 1.2 s. In a shorter quarter, a busy client might only pause: it may pause for
 * almost a second.
 */
export const shortestWindow = 4_800

/**
 * Ends idle connections, which shedding cannot reach: without a response they cannot receive
 * `Connection: close`. In the window's last quarter every response ends its connection. A connection without
 * a request in that quarter is closed when the window ends, as by a keep-alive timeout. Its client opens a
 * new connection for its next request, and reaches another instance. After so long a pause, a request is
 * hardly ever on its way.
 *
 * Returns a function that stops this.
 */
export function endSilent(
  window: number,
  connections: () => Iterable<Socket>,
  end: (socket: Socket) => void
): () => void {
  const quarter = window / 4
  /** `spread` takes at most this part of a quarter. */
  const sweep = quarter / 4
  let isStopped = false
  const look = () => {
    const heard = new Map([...connections()].map((socket) => [socket, socket.bytesRead]))
    const isSilent = (socket: Socket) => socket.bytesRead === heard.get(socket)
    timer = setTimeout(() => {
      void spread([...heard.keys()].filter(isSilent), quarter, (socket) => {
        if (!isStopped && isSilent(socket)) end(socket)
      })
    }, quarter - sweep)
  }
  let timer = setTimeout(look, 3 * quarter)
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}
