import { quantileSorted, sampleStandardDeviation } from 'simple-statistics'
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
  /** How many of them in each restart, what failed after it included; older results do not say it. */
  readonly failedIn?: readonly number[]
  /** Due while nothing was being restarted. */
  readonly steady: Latency
  /** Due from a signal until the next instance was in use. */
  readonly restarting: Latency
}

export function failuresOf({ failed }: Tally): number {
  return Object.values(failed).reduce((sum, count) => sum + count, 0)
}

/**
 * The share of requests that failed, and the interval in which it lies with 95 % confidence. Losses come in
 * restarts, not one by one, so it is Student's, over the restarts. Where those are not known it is a point.
 */
export function lossOf(tally: Tally): {
  readonly share: number
  readonly low: number
  readonly high: number
} {
  const { sent, failedIn } = tally
  const share = failuresOf(tally) / sent
  if (failedIn === undefined) return { share, low: share, high: share }
  if (failedIn.length < 2) return { share, low: 0, high: 1 }
  const error = sampleStandardDeviation([...failedIn]) / Math.sqrt(failedIn.length)
  const reach = ((student[failedIn.length - 2] ?? 1.96) * error * failedIn.length) / sent
  return { share, low: Math.max(0, share - reach), high: Math.min(1, share + reach) }
}

/** The 97.5th percentile of Student's distribution, from 1 degree of freedom on. */
const student = [
  12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.1,
  2.09
]

/** Counts what becomes of each request. */
export class Counter {
  #sent = 0
  #posts = 0
  readonly #failed: Record<string, number> = {}
  readonly #times = { steady: [] as number[], restarting: [] as number[] }
  readonly #failedIn: number[] = []
  #isRestarting = false

  get isRestarting(): boolean {
    return this.#isRestarting
  }

  set isRestarting(is: boolean) {
    if (is) this.#failedIn.push(0)
    this.#isRestarting = is
  }

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
      failedIn: this.#failedIn,
      steady: latencyOf(steady),
      restarting: latencyOf(restarting)
    }
  }

  #count(what: string): void {
    this.#failed[what] = (this.#failed[what] ?? 0) + 1
    const last = this.#failedIn.length - 1
    if (last >= 0) this.#failedIn[last] = (this.#failedIn[last] as number) + 1
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
