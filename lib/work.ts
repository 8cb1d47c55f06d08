import type { FastifyBaseLogger } from 'fastify'
import { isThenable, within } from './bounded.ts'
import { type Budget, lastMoment } from './budget.ts'
import { now } from './clock.ts'
import {
  FST_LIFECYCLE_TRACK_INVALID,
  FST_LIFECYCLE_TRACK_TIMEOUT,
  FST_LIFECYCLE_TRACK_TOO_LATE
} from './errors.ts'
import { logCutWork } from './narration.ts'
import type { UnfinishedWork, WorkTally } from './report.ts'
import { describe } from './validate.ts'

/** What a function that is tracked is given. */
export interface WorkContext {
  /** Aborts when the time of the drain is up; for its beginning there is `lifecycle.signal`. */
  readonly signal: AbortSignal
}

/** Work that is under way, from `lifecycle.track(name)` to its end. For `using`, or to be ended by hand. */
export interface TrackedWork extends WorkContext, Disposable {
  readonly name: string
  /** The work is done, and nothing waits for it any more. Calling it again changes nothing. */
  end(): void
}

type Ended = (job: Job, outcome: 'completed' | 'failed') => void

class Job implements TrackedWork {
  readonly name: string
  readonly #since = now()
  readonly #timeUp = new AbortController()
  readonly #ended: Ended

  constructor(name: string, ended: Ended) {
    this.name = name
    this.#ended = ended
  }

  get signal(): AbortSignal {
    return this.#timeUp.signal
  }

  end(): void {
    this.#ended(this, 'completed')
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
    return { name: this.name, age: Math.round(now() - this.#since) }
  }
}

/** Work in the background, which the drain waits for as it waits for requests. */
export class Work {
  readonly #running = new Set<Job>()
  readonly #mayBegin: () => boolean
  readonly #log: FastifyBaseLogger
  #isOver = false
  #onSettled: (() => void) | undefined
  #isObserved = false
  #inFlightAtStart = 0
  readonly #counts = { completed: 0, failed: 0, refused: 0 }
  readonly #cut: UnfinishedWork[] = []

  /** `mayBegin` says whether a request is in flight that new work could belong to. */
  constructor(mayBegin: () => boolean, log: FastifyBaseLogger) {
    this.#mayBegin = mayBegin
    this.#log = log
  }

  /** A promise, a function or, for `using`, a name. */
  track(work: unknown, name?: unknown): TrackedWork | Promise<unknown> {
    if (name !== undefined && (typeof name !== 'string' || name === '')) {
      throw new FST_LIFECYCLE_TRACK_INVALID('a name that is a string and not empty, or none', describe(name))
    }
    if (typeof work === 'string' && work !== '' && name === undefined) return this.#begin(work)
    if (typeof work === 'function') {
      const job = this.#begin(name ?? (work.name || 'work'))
      return follow(job, (async () => work({ signal: job.signal }))())
    }
    if (isThenable(work)) return follow(this.#begin(name ?? 'work'), work)
    throw new FST_LIFECYCLE_TRACK_INVALID('a promise, a function or a name', describe(work))
  }

  /** The oldest work that is under way, so much at most. */
  first(count: number): UnfinishedWork[] {
    return [...this.#running].slice(0, count).map((job) => job.describe())
  }

  /** The shutdown has begun: from now on, what becomes of the work is counted. */
  observe(): void {
    this.#isObserved = true
    this.#inFlightAtStart = this.#running.size
  }

  /** Waits for what is under way. When the time of the drain is up it is told so, and left behind a moment later. */
  async finish(time: Budget): Promise<void> {
    await this.#settled(time.left)
    for (const job of this.#running) {
      job.abort(new FST_LIFECYCLE_TRACK_TIMEOUT(job.name, String(Math.round(time.total))))
    }
    await this.#settled(lastMoment)
    this.#isOver = true
    this.#cut.push(...this.first(Number.POSITIVE_INFINITY))
    for (const work of this.#cut) logCutWork(this.#log, work)
    this.#running.clear()
  }

  /** What became of it; when the shutdown ends before its time, what is still under way is cut by that. */
  get tally(): WorkTally {
    return {
      inFlight: this.#inFlightAtStart,
      ...this.#counts,
      cut: [...this.#cut, ...this.first(Number.POSITIVE_INFINITY)]
    }
  }

  #begin(name: string): Job {
    if (this.#isOver || !this.#mayBegin()) {
      this.#counts.refused++
      throw new FST_LIFECYCLE_TRACK_TOO_LATE(name)
    }
    const job = new Job(name, (ended, outcome) => this.#ended(ended, outcome))
    this.#running.add(job)
    return job
  }

  #ended(job: Job, outcome: 'completed' | 'failed'): void {
    if (!this.#running.delete(job)) return
    if (this.#isObserved) this.#counts[outcome]++
    if (this.#running.size === 0) this.#onSettled?.()
  }

  async #settled(limit: number): Promise<void> {
    if (this.#running.size === 0) return
    const all = new Promise<void>((resolve) => {
      this.#onSettled = resolve
    })
    await within(limit, all)
  }
}

/** What is returned fails as the work does: an error that nobody handles is not lost by being tracked. */
function follow(job: Job, work: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(work).then(
    (value) => {
      job.end()
      return value
    },
    (error: unknown) => {
      job.fail()
      throw error
    }
  )
}
