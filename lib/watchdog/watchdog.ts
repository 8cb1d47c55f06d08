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

/** The time between two heartbeats of the main thread while a shutdown is under way, in ms. */
const shutdownBeat = 50

/** How long a new thread may take to start if there is no deadline yet, in ms. */
const startWithoutDeadline = 10_000

/** How long a new thread may always take to start, however short the budget is, in ms. */
const shortestStart = 500

/** The threads of all watchdogs. */
const threads = new WeakSet<Worker>()

/** Whether this worker is the thread of a watchdog. */
export function isWatchdog(worker: Worker): boolean {
  return threads.has(worker)
}

/** The pause before another attempt to make a thread, in ms. */
const retryPause = 500

/** The address space that a thread takes, with room to spare, in bytes. With less, Node.js aborts the process. */
const neededAddresses = 1_000_000_000

/** The limits after which the watchdog kills the process. */
export interface Limits {
  /** When the process must be gone, in ms on the monotonic clock. */
  readonly deadline: number | undefined
  /** How long before the deadline the main thread ends the process by itself, in ms. */
  readonly margin: number
  /** How long the event loop may stand still, in ms. */
  readonly stall: number | undefined
}

/** The callbacks for news about the thread. */
export interface WatchdogNews {
  /** Called at most once, with the reason why there is no thread. */
  lost(error: unknown): void
  /** Called at most once, after `lost`: there is a thread now. */
  found(): void
}

/** The watchdog as the main thread sees it. Its thread exists from the construction to `callOff()`. */
export class Watchdog {
  readonly #state = new SharedState()
  readonly #facts: () => Facts
  readonly #news: WatchdogNews
  /** What was last reported about the thread. */
  #told: 'nothing' | keyof WatchdogNews = 'nothing'
  /** When the next attempt to make the thread is due, in ms on the monotonic clock. */
  #retryAt = Number.POSITIVE_INFINITY
  #heartbeat: NodeJS.Timeout | undefined
  /** After how many more beats the thread counts as lost, if it has not reported that it is alive. */
  #patience = 0

  constructor(limits: Limits, facts: () => Facts, news: WatchdogNews) {
    this.#facts = facts
    this.#news = news
    // The limits are set before the thread starts, so that it never sees a state without limits.
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
    // One more beat, so that a late first beat does not matter.
    this.#patience = Math.ceil(Math.max(start, shortestStart) / beat) + 1
    this.#beatEvery(beat)
  }

  /** Records a heartbeat, and what the app is doing. */
  note(): void {
    this.#state.setTime('beat', now())
    try {
      this.#state.writeFacts(JSON.stringify(boundedFacts(this.#facts())))
    } catch {
      // The thread still has the facts that were written before.
    }
  }

  /** The system's number of the thread; 0 if it is not known. */
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
    // Patience is counted in beats, not in time: while the main thread gets no CPU time, the watchdog's thread
    // gets none either.
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

  /**
   * Descriptors, threads and memory that are used up now may be free a moment later, so a later attempt may
   * succeed. After a denied permission, there is no other attempt.
   */
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
      // A thread reserves most of its address space for code, and this thread has little code.
      resourceLimits: { codeRangeSizeMb: 8 }
    })
    threads.add(worker)
    // The thread takes some time to start. Its number is noted now, so that an exit in the meantime does not
    // wait for it.
    this.#state.setThread(onlyNew(others))
    worker
      .once('error', (error) => this.#failed(error))
      .once('exit', () => {
        if (!this.#state.isOff) this.#failed(new Error('the thread has ended'))
      })
      .unref()
  }
}

/**
 * Whether the inspector may be used. Under the permission model, Node.js before 26 aborts if the inspector is
 * used without permission.
 */
function mayReadStack(): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } }
  return permission === undefined || permission.has('inspector')
}
