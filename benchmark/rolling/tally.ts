import { quantileSorted } from 'simple-statistics'
import type { Method } from './clients.ts'

/** How long requests took, in ms, from when they were due. */
export interface Latency {
  readonly requests: number
  readonly p50: number
  readonly p99: number
}

/** What became of all requests. */
export interface Tally {
  readonly sent: number
  readonly posts: number
  /** How many failed, by method and by what the client saw: `POST 503`, `GET reset`. */
  readonly failed: Readonly<Record<string, number>>
  /** Due while nothing was being restarted. */
  readonly steady: Latency
  /** Due from a signal until the next instance was in use. */
  readonly restarting: Latency
}

export function failuresOf({ failed }: Tally): number {
  return Object.values(failed).reduce((sum, count) => sum + count, 0)
}

/** Counts what becomes of each request. */
export class Counter {
  #sent = 0
  #posts = 0
  readonly #failed: Record<string, number> = {}
  readonly #times = { steady: [] as number[], restarting: [] as number[] }
  isRestarting = false

  sent(method: Method): void {
    this.#sent++
    if (method === 'POST') this.#posts++
  }

  answered(method: Method, status: number, due: number, wasRestarting: boolean): void {
    if (status !== 200) this.#count(`${method} ${status}`)
    else this.#times[wasRestarting ? 'restarting' : 'steady'].push(performance.now() - due)
  }

  lost(method: Method, error: unknown): void {
    this.#count(`${method} ${kindOf(error)}`)
  }

  get tally(): Tally {
    const { steady, restarting } = this.#times
    return {
      sent: this.#sent,
      posts: this.#posts,
      failed: this.#failed,
      steady: latencyOf(steady),
      restarting: latencyOf(restarting)
    }
  }

  #count(what: string): void {
    this.#failed[what] = (this.#failed[what] ?? 0) + 1
  }
}

function latencyOf(times: readonly number[]): Latency {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (probability: number) => (sorted.length === 0 ? 0 : quantileSorted(sorted, probability))
  return { requests: sorted.length, p50: at(0.5), p99: at(0.99) }
}

const kinds: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  ERR_HTTP2_STREAM_CLOSED: 'reset',
  ERR_HTTP2_STREAM_ERROR: 'reset',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout'
}

function kindOf(error: unknown): string {
  const { code = String(error) } = error as { code?: string }
  return kinds[code] ?? code
}
