import { constants, type Http2ServerRequest, type ServerHttp2Session } from 'node:http2'
import type { Exchange } from '../in-flight.ts'

/** The highest stream id there is: a GOAWAY that names it announces the end without refusing anything. */
const anyStream = 2 ** 31 - 1

/**
 * HTTP/2: a session ends with GOAWAY, in two steps (RFC 9113 §6.8). The first says that the end is
 * near; a round trip later, when every stream that the client had opened before it knew has
 * arrived, the second names the last stream that will be processed.
 */
export class Http2 {
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #retired = new WeakSet<ServerHttp2Session>()

  add(session: ServerHttp2Session): void {
    this.#sessions.add(session)
    session.once('close', () => this.#sessions.delete(session))
  }

  /** Lets the session of this exchange end when its streams have. */
  retire({ request }: Exchange): void {
    const { session } = (request as unknown as Http2ServerRequest).stream
    if (session !== undefined) this.#retire(session as ServerHttp2Session)
  }

  cut({ request }: Exchange): void {
    ;(request as unknown as Http2ServerRequest).stream.close(constants.NGHTTP2_CANCEL)
  }

  retireAll(): void {
    for (const session of this.#sessions) this.#retire(session)
  }

  #retire(session: ServerHttp2Session): void {
    if (this.#retired.has(session) || session.closed) return
    this.#retired.add(session)
    session.goaway(constants.NGHTTP2_NO_ERROR, anyStream)
    session.ping(() => {
      if (!session.closed) session.close()
    })
  }
}

/** A session as a connection: what it is ended with when nothing is in flight. */
export function sessionConnection(session: ServerHttp2Session): { end(): void; destroy(): void } {
  return {
    end: () => {
      if (!session.closed) session.close()
    },
    destroy: () => session.destroy()
  }
}
