import http2, { type ClientHttp2Session } from 'node:http2'
import { Pool } from 'undici'

/** Clients that keep their connections and try each request once. */
export interface Clients {
  /** Resolves with the status, rejects if there was no answer. */
  send(method: Method): Promise<number>
  close(): void
}

export type Method = 'GET' | 'POST'

/** A handler that takes a moment, as most do. */
const path = '/quiet/2'
const body = '{"amount":1}'
const type = { 'content-type': 'application/json' }

/** After this long a request counts as lost, in ms. */
const patience = 10_000

/** So many connections, with one request at a time on each. */
export function http1Clients(port: number, connections: number): Clients {
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections,
    pipelining: 1,
    headersTimeout: patience,
    bodyTimeout: patience
  })
  return {
    async send(method) {
      const post = method === 'POST' ? { body, headers: type } : {}
      const response = await pool.request({ method, path, ...post })
      await response.body.dump()
      return response.statusCode
    },
    close: () => pool.destroy().catch(() => {})
  }
}

/** So many sessions, with all their requests at once, without TLS. */
export function http2Clients(port: number, count: number): Clients {
  const sessions: (ClientHttp2Session | undefined)[] = Array.from({ length: count }, () => undefined)
  let turn = 0
  const session = () => {
    const index = turn++ % count
    const current = sessions[index]
    if (current !== undefined) return current
    const fresh = http2.connect(`http://127.0.0.1:${port}`)
    const leave = () => {
      if (sessions[index] === fresh) sessions[index] = undefined
    }
    fresh.once('goaway', leave).once('close', leave).on('error', leave)
    sessions[index] = fresh
    return fresh
  }
  return {
    async send(method) {
      for (;;) {
        const status = await exchange(session(), method)
        if (status !== refused) return status
      }
    },
    close() {
      for (const each of sessions) each?.destroy()
    }
  }
}

/** The server has not looked at it, and says so: a client repeats such a request (RFC 9113 §8.7). */
const refused = Symbol('refused')

function exchange(session: ClientHttp2Session, method: Method): Promise<number | typeof refused> {
  return new Promise((resolve, reject) => {
    const post = method === 'POST' ? type : {}
    const stream = session.request({ ':method': method, ':path': path, ...post })
    let status = 0
    let failure: unknown
    stream.setTimeout(patience, () => stream.close(http2.constants.NGHTTP2_CANCEL))
    stream.once('response', (headers) => {
      status = headers[':status'] as number
    })
    stream.once('error', (error) => {
      failure = error
    })
    stream.once('close', () => {
      if (stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM) resolve(refused)
      else if (failure === undefined && status !== 0) resolve(status)
      else reject(failure ?? Object.assign(new Error('no answer'), { code: 'ERR_HTTP2_STREAM_CLOSED' }))
    })
    stream.resume()
    stream.end(method === 'POST' ? body : undefined)
  })
}
