import type { Socket } from 'node:net'
import { clearTimeout, setTimeout } from './clock.ts'
import { spread } from './spread.ts'

/**
 * The shortest window that tells who is silent, in ms: less than a second without a request may be a
 * client that is short of time, and its next request is on its way.
 */
export const shortestWindow = 4_800

/**
 * What shedding cannot reach: a connection on which nothing is asked has no response to be told with.
 * One that is silent through the window's last quarter, in which every response is its connection's
 * last, is ended at the end of it, as a keep-alive timeout would end it: its client connects anew for
 * its next request, and gets to another instance. It was silent for long enough that hardly a request
 * is on its way that this loses.
 *
 * Returns what stops it.
 */
export function endSilent(
  window: number,
  connections: () => Iterable<Socket>,
  end: (socket: Socket) => void
): () => void {
  const quarter = window / 4
  /** What `spread` takes of a quarter at most. */
  const sweep = quarter / 4
  let isStopped = false
  const look = () => {
    const heard = new Map([...connections()].map((socket) => [socket, socket.bytesRead]))
    const isSilent = (socket: Socket) => socket.bytesRead === heard.get(socket)
    timer = setTimeout(() => {
      spread([...heard.keys()].filter(isSilent), quarter, (socket) => {
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
