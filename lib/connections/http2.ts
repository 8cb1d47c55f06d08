import { constants, type Http2ServerRequest, type ServerHttp2Session } from 'node:http2'
import { setTimeout } from '../time/clock.ts'
import { inTurns } from '../time/in-turns.ts'
import type { Exchange } from './exchange.ts'

/** The highest stream id there is: a GOAWAY that names it announces the end without refusing anything. */
const anyStream = 2 ** 31 - 1

/** How long streams may still arrive after the round trip, in ms: a client answers the ping first. */
const settling = 25

/**
 * HTTP/2: a session with streams in flight ends with GOAWAY in two steps (RFC 9113 §6.8). The first step says that
 * the end is near. One round trip later, every stream that the client opened before it knew has arrived. Then the
 * second step names the last stream that is processed. An idle session needs only the second step: if this step
 * excludes a stream, the client sends the request again on another connection.
 */
export class Http2 {
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #retired = new WeakSet<ServerHttp2Session>()

  get count(): number {
    return this.#sessions.size
  }

  add(session: ServerHttp2Session): void {
    this.#sessions.add(session)
    session.once('close', () => this.#sessions.delete(session))
  }

  /** Lets the session of this exchange end when its streams have ended. */
  retire({ request, response }: Exchange): void {
    const session = (request as unknown as Http2ServerRequest).stream.session as
      | ServerHttp2Session
      | undefined
    if (session === undefined || isOver(session) || this.#retired.has(session)) return
    this.#retired.add(session)
    session.goaway(constants.NGHTTP2_NO_ERROR, anyStream)
    const settle = () => setTimeout(() => close(session), settling)
    session.ping(settle)
    // Node.js reads nothing any more, not even the ping's answer, once GOAWAY is sent and no stream is open.
    response.once('close', settle)
  }

  /** Ends the sessions that have no stream. */
  async endIdle(): Promise<void> {
    await inTurns([...this.#sessions], (session) => {
      if (!this.#retired.has(session)) close(session)
    })
  }

  /** Uses a code that clients see as an error. Some clients see CANCEL as the normal end of the response. */
  cut({ request }: Exchange): void {
    ;(request as unknown as Http2ServerRequest).stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }
}

/** Ends a session when its streams have ended. */
export function close(session: ServerHttp2Session): void {
  if (!isOver(session)) session.close()
}

function isOver(session: ServerHttp2Session): boolean {
  return session.closed || session.destroyed
}
