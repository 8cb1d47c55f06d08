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

  /** Sends so many requests, and resolves when all are answered with how long each took, in ms. */
  run(requests: number): Promise<readonly number[]> {
    const latencies: number[] = []
    let unsent = requests
    return new Promise((resolve, reject) => {
      const client = () => {
        let sentAt = 0
        const send = () => {
          if (unsent-- <= 0) return
          sentAt = performance.now()
          this.#pool.dispatch(get, handler)
        }
        const onEnd = () => {
          latencies.push(performance.now() - sentAt)
          send()
          if (latencies.length === requests) resolve(latencies)
        }
        const handler = handlerFor(onEnd, reject)
        send()
      }
      for (let count = 0; count < method.connections; count++) client()
    })
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}

/** One for all requests of a client, so that the clients take as little of the machine as they can. */
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
