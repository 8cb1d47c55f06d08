import type { Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import { namedAtMost, Oldest } from '../bounds.ts'
import {
  FST_LIFECYCLE_TRACK_INVALID,
  FST_LIFECYCLE_TRACK_TIMEOUT,
  FST_LIFECYCLE_TRACK_TOO_LATE
} from '../errors.ts'
import type { UnfinishedWork, WorkTally } from '../report/report.ts'
import { logCutWork, logOthers, logRefusedWork } from '../telemetry/log.ts'
import { type Budget, lastMoment } from '../time/budget.ts'
import { setImmediate } from '../time/clock.ts'
import { inTurns } from '../time/in-turns.ts'
import { promiseOf, within } from '../time/within.ts'
import { attempt } from '../validation/read.ts'
import { describe, nameOf } from '../validation/validate.ts'
import { runAs } from './caller.ts'
import { Job } from './job.ts'
import { optionsOf, type TrackedWork } from './track-options.ts'

/** How many refusals get their own line in the log. */
const mostRefusalsLogged = 20

/** Tracked work in the background. The drain waits for it as it waits for requests. */
export class BackgroundWork {
  readonly #running = new Set<Job>()
  readonly #log: FastifyBaseLogger
  #isOver = false
  #isObserved = false
  #inFlightAtStart = 0
  readonly #counts = { completed: 0, failed: 0, refused: 0 }
  readonly #cut: Oldest<UnfinishedWork> = new Oldest()
  /** Called whenever work has ended. */
  readonly #onEnd = new Set<() => void>()

  constructor(log: FastifyBaseLogger) {
    this.#log = log
  }

  /** Tracks a promise, a function or, for `using`, a name. */
  track(work: unknown, given?: unknown): TrackedWork | Promise<unknown> {
    const { name, request } = optionsOf(given)
    const socket = request?.raw.socket
    if (typeof work === 'string' && work !== '' && given === undefined) return this.#begin(work, socket)
    if (typeof work === 'function') {
      const job = this.#begin(name ?? nameOf(work) ?? 'work', socket)
      return follow(job, (async () => runAs(job, () => work({ signal: job.signal })))())
    }
    if (isPromise(work)) return follow(this.#begin(name ?? 'work', socket), work)
    throw new FST_LIFECYCLE_TRACK_INVALID('a promise, a function or a name', describe(work))
  }

  /** Resolves when no work is left that answers on this socket; `undefined` if there is no such work now. */
  readonly on = (socket: Socket): Promise<void> | undefined => {
    const isBusy = () => [...this.#running].some((job) => job.socket === socket)
    return isBusy() ? this.#until(() => !isBusy()) : undefined
  }

  /** How much work is under way. */
  get count(): number {
    return this.#running.size
  }

  /** The oldest work that is under way, at most `count` pieces. */
  first(count: number): UnfinishedWork[] {
    const oldest: UnfinishedWork[] = []
    for (const job of this.#running) {
      if (oldest.length >= count) break
      oldest.push(job.describe())
    }
    return oldest
  }

  /** The shutdown has begun: from now on, the outcome of each piece of work is counted. */
  observe(): void {
    this.#isObserved = true
    this.#inFlightAtStart = this.#running.size
  }

  /**
   * Waits for all work that is under way. When the time of the drain is up, the signals of the work abort. Work that
   * does not end in a moment is reported as cut, and no more work is accepted.
   */
  async finish(time: Budget): Promise<void> {
    // Other work often begins just after a piece of work has ended.
    while (this.#running.size > 0 && time.left > 0) {
      await within(
        time.left,
        this.#until(() => this.#running.size === 0)
      )
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (this.#running.size === 0) return
    await inTurns([...this.#running], (job) => {
      job.abort(new FST_LIFECYCLE_TRACK_TIMEOUT(job.name, String(Math.round(time.total))))
    })
    await within(
      lastMoment,
      this.#until(() => this.#running.size === 0)
    )
    this.#isOver = true
    for (const job of this.#running) this.#cut.add(() => job.describe())
    for (const work of this.#cut.kept) logCutWork(this.#log, work)
    logOthers(this.#log, 'work', this.#cut.others)
    this.#running.clear()
  }

  /** Waits for the work that has begun meanwhile. After that, no more work is accepted. */
  async end(time: Budget): Promise<void> {
    do await this.finish(time)
    while (this.#running.size > 0)
    this.#isOver = true
  }

  /** The outcomes so far. Work that is still under way when the shutdown ends early counts as cut. */
  get tally(): WorkTally {
    const { kept, count } = this.#cut
    return {
      inFlight: this.#inFlightAtStart,
      ...this.#counts,
      cut: [...kept, ...this.first(namedAtMost - kept.length)],
      cutCount: count + this.#running.size
    }
  }

  #begin(name: string, socket: Socket | undefined): Job {
    if (this.#isOver) {
      if (this.#counts.refused++ < mostRefusalsLogged) logRefusedWork(this.#log, name)
      throw new FST_LIFECYCLE_TRACK_TOO_LATE(name)
    }
    const job = new Job(name, socket, (ended, outcome) => this.#ended(ended, outcome))
    this.#running.add(job)
    return job
  }

  #ended(job: Job, outcome: 'completed' | 'failed'): void {
    if (!this.#running.delete(job)) return
    if (this.#isObserved) this.#counts[outcome]++
    for (const look of this.#onEnd) look()
  }

  /** Resolves when `isSo` returns `true`. Checks that now, and whenever work has ended. */
  #until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!isSo()) return
        this.#onEnd.delete(look)
        resolve()
      }
      this.#onEnd.add(look)
      look()
    })
  }
}

/** A value whose `then` cannot be read counts as no promise. */
function isPromise(work: unknown): work is PromiseLike<unknown> {
  return attempt(() => typeof (work as Partial<PromiseLike<unknown>>).then === 'function', false)
}

/** The returned promise rejects as the work does. So an error that nobody handles is still an unhandled rejection. */
function follow(job: Job, work: PromiseLike<unknown>): Promise<unknown> {
  return promiseOf(work).then(
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
