import type { Socket } from 'node:net'
import { longest, shorten, shown } from '../bounds.ts'
import type { UnfinishedWork } from '../report/report.ts'
import { now } from '../time/clock.ts'
import type { Caller } from './caller.ts'
import type { TrackedWork } from './track-options.ts'

type Ended = (job: Job, outcome: 'completed' | 'failed') => void

/** One piece of work that is under way. */
export class Job implements TrackedWork, Caller {
  readonly name: string
  readonly #since = now()
  readonly #timeUp = new AbortController()
  readonly #ended: Ended
  /** The socket of the WebSocket on which the work answers, if there is one. */
  readonly socket: Socket | undefined

  constructor(name: string, socket: Socket | undefined, ended: Ended) {
    this.name = name
    this.socket = socket
    this.#ended = ended
  }

  get signal(): AbortSignal {
    return this.#timeUp.signal
  }

  end(): void {
    this.#ended(this, 'completed')
  }

  get who(): string {
    return `work '${shorten(shown(this.name), longest.name)}'`
  }

  /** The work counts as done. Its call resolves when the shutdown is over, so `release` is not needed. */
  excuse(): void {
    this.end()
  }

  [Symbol.dispose](): void {
    this.end()
  }

  fail(): void {
    this.#ended(this, 'failed')
  }

  abort(error: Error): void {
    this.#timeUp.abort(error)
  }

  describe(): UnfinishedWork {
    return { name: shorten(shown(this.name), longest.name), age: Math.round(now() - this.#since) }
  }
}
