import { Worker } from 'node:worker_threads'
import { clearInterval, monotonic, now, setInterval } from '../time/clock.ts'
import { freeAddresses } from '../undocumented/address-space.ts'
import { onlyNew, threadNumbers } from '../undocumented/threads.ts'
import { boundedFacts } from './bounded-facts.ts'
import { cpuTime } from './cpu-time.ts'
import type { Facts } from './facts.ts'
import { SharedState } from './shared-state.ts'
import { threadText } from './thread-text.ts'
import type { ThreadSetup } from './thread-world.ts'

/** How often the main thread shows that its loop turns while a shutdown is under way, in ms. */
const shutdownBeat = 50

/** How long a new thread may take to start where there is no deadline yet, in ms. */
const startWithoutDeadline = 10_000

/** How long it may take at least, however short the budget is, in ms. */
const shortestStart = 500

/** The threads of all watchdogs. */
const threads = new WeakSet<Worker>()

/** Whether this thread is a watchdog's. */
export function isWatchdog(worker: Worker): boolean {
  return threads.has(worker)
}

/** How long to wait before a thread is made that could not be made, in ms. */
const retryPause = 500

/** The addresses that a thread takes, with room to spare, in bytes. With less Node.js aborts the process. */
const neededAddresses = 1_000_000_000

/** What the watchdog kills the process for. */
export interface Limits {
  /** When the process must be gone, in ms on the monotonic clock. */
  readonly deadline: number | undefined
  /** How much earlier the main thread gives up by itself, in ms. */
  readonly margin: number
  /** How long the event loop may not turn, in ms. */
  readonly stall: number | undefined
}

/** What is reported about the thread. */
export interface WatchdogNews {
  /** Called once at most, with the reason why there is no thread. */
  lost(error: unknown): void
  /** Called once at most, after that: there is a thread now. */
  found(): void
}

/** The main thread's end of the watchdog: the thread exists from the construction to `callOff()`. */
export class Watchdog {
  readonly #state = new SharedState()
  readonly #facts: () => Facts
  readonly #news: WatchdogNews
  /** What was last reported about the thread. */
  #told: 'nothing' | keyof WatchdogNews = 'nothing'
  /** When a thread is made that could not be made before, in ms on the monotonic clock. */
  #retryAt = Number.POSITIVE_INFINITY
  #heartbeat: NodeJS.Timeout | undefined
  /** After how many more beats a thread that has not said that it is alive counts as lost. */
  #patience = 0

  constructor(limits: Limits, facts: () => Facts, news: WatchdogNews) {
    this.#facts = facts
    this.#news = news
    // Before the thread starts, so that it never sees a state without limits.
    this.watch(limits)
    this.#startThread()
  }

  watch({ deadline = 0, margin, stall = 0 }: Limits): void {
    this.#state.setTime('deadline', deadline)
    this.#state.setTime('margin', margin)
    this.#state.setTime('stall', stall)
    this.note()
    this.#state.wake()
    const beat = Math.min(deadline === 0 ? Number.POSITIVE_INFINITY : shutdownBeat, stall / 4 || Infinity)
    const start = deadline === 0 ? startWithoutDeadline : (deadline - margin - now()) / 2
    // One beat more, so that a first one that is late does not decide.
    this.#patience = Math.ceil(Math.max(start, shortestStart) / beat) + 1
    this.#beatEvery(beat)
  }

  /** The loop turns, and this is what the app is doing. */
  note(): void {
    this.#state.setTime('beat', now())
    try {
      this.#state.writeFacts(JSON.stringify(boundedFacts(this.#facts())))
    } catch {
      // The thread has what was written before.
    }
  }

  /** The system's number of the thread, where it is known; otherwise 0. */
  get thread(): number {
    return this.#state.thread
  }

  /** Whether the thread watches already. */
  get isAlive(): boolean {
    return this.#state.isAlive
  }

  callOff(): void {
    clearInterval(this.#heartbeat)
    this.#state.callOff()
  }

  #beatEvery(ms: number): void {
    clearInterval(this.#heartbeat)
    this.#heartbeat = setInterval(() => this.#beat(), ms).unref()
  }

  #beat(): void {
    this.note()
    if (this.#told === 'lost' && this.#state.isAlive) {
      this.#told = 'found'
      this.#news.found()
    }
    if (now() >= this.#retryAt) this.#startThread()
    // Counted in beats, not in time: where the main thread gets no time to run, the thread gets none either.
    if (!this.#state.isAlive && --this.#patience === 0)
      this.#lost(new Error('the thread did not start to run'))
  }

  #lost(error: unknown): void {
    if (this.#told !== 'nothing') return
    this.#told = 'lost'
    this.#news.lost(error)
  }

  #startThread(): void {
    this.#retryAt = Number.POSITIVE_INFINITY
    try {
      this.#makeThread()
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Descriptors, threads and memory that are used up now may be free a moment later; what is forbidden stays so. */
  #failed(error: unknown): void {
    this.#state.sayAlive(false)
    this.#lost(error)
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ACCESS_DENIED') this.#retryAt = now() + retryPause
  }

  #makeThread(): void {
    const free = freeAddresses()
    if (free < neededAddresses) {
      const left = Math.round(free / 1e6)
      throw new Error(
        `the thread needs ${neededAddresses / 1e6} MB of addresses, and a limit leaves ${left} MB`
      )
    }
    const { sourceMapsEnabled } = process as { sourceMapsEnabled?: boolean }
    const workerData: ThreadSetup = {
      buffer: this.#state.buffer,
      clockOffset: monotonic() - now(),
      sourceMaps: sourceMapsEnabled === true,
      mayReadStack: mayReadStack(),
      made: { at: now(), cpuTime: cpuTime() }
    }
    const others = threadNumbers()
    const worker = new Worker(threadText, {
      ...{ eval: true, execArgv: [], env: {}, name: 'fastify-lifecycle watchdog', workerData },
      // Most of the addresses that a thread takes are for code, of which this one has little.
      resourceLimits: { codeRangeSizeMb: 8 }
    })
    threads.add(worker)
    // It takes some time to start, and an exit that comes meanwhile should not wait for it.
    this.#state.setThread(onlyNew(others))
    worker
      .once('error', (error) => this.#failed(error))
      .once('exit', () => {
        if (!this.#state.isOff) this.#failed(new Error('the thread has ended'))
      })
      .unref()
  }
}

/** Under the permission model Node.js before 26 aborts where the inspector is used without being allowed. */
function mayReadStack(): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } }
  return permission === undefined || permission.has('inspector')
}
