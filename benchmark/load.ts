import { type Dispatcher, Pool } from 'undici'
import { method } from './method.ts'

const get = { method: 'GET', path: '/' } as const

/**
 * Clients that each keep a connection and send one request after another.
 *
 * undici, and not autocannon: that writes its next request on a connection whose last response
 * said `Connection: close`, which RFC 9112 §9.6 forbids.
 */
export class Load {
  readonly #pool: Pool

  constructor(port: number) {
    this.#pool = new Pool(`http://127.0.0.1:${port}`, { connections: method.connections, pipelining: 1 })
  }

  /** Sends so many requests, and resolves when all are answered. */
  run(requests: number): Promise<void> {
    let unsent = requests
    let unanswered = requests
    return new Promise((resolve, reject) => {
      const send = () => {
        if (unsent-- > 0) this.#pool.dispatch(get, handler)
      }
      const onEnd = () => {
        send()
        if (--unanswered === 0) resolve()
      }
      const handler = handlerFor(onEnd, reject)
      for (let client = 0; client < method.connections; client++) send()
    })
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}

/** One for all requests, so that the clients take as little of the machine as they can. */
function handlerFor(onEnd: () => void, onError: (error: Error) => void): Dispatcher.DispatchHandler {
  return {
    // Without it undici takes this for a handler of its former interface.
    onRequestStart() {},
    onResponseStart(_controller, status) {
      if (status !== 200) onError(new Error(`a request was answered with ${status}`))
    },
    onResponseEnd: onEnd,
    onResponseError: (_controller, error) => onError(error)
  }
}
