import { Worker } from 'node:worker_threads'
import { clearInterval, monotonic, now, setInterval } from '../clock.ts'
import type { Facts } from './facts.ts'
import { SharedState } from './shared-state.ts'
import { type ThreadSetup, threadSource } from './source.ts'

/** How often the main thread shows that its loop turns while a shutdown is under way, in ms. */
const shutdownBeat = 50

/** What the watchdog kills the process for. */
export interface Limits {
  /** When the process must be gone, in ms on the monotonic clock. */
  readonly deadline: number | undefined
  /** How much earlier the main thread gives up by itself, in ms. */
  readonly margin: number
  /** How long the event loop may not turn, in ms. */
  readonly stall: number | undefined
}

/** The main thread's end of the watchdog: the thread exists from the construction to `callOff()`. */
export class Watchdog {
  readonly #state = new SharedState()
  readonly #facts: () => Facts
  #heartbeat: NodeJS.Timeout | undefined

  /** `onLost` is told, once at most, why the thread could not be had. */
  constructor(limits: Limits, facts: () => Facts, onLost: (error: unknown) => void) {
    this.#facts = facts
    // Before the thread starts, so that it never sees a state without limits.
    this.watch(limits)
    try {
      this.#startThread(onLost)
    } catch (error) {
      onLost(error)
    }
  }

  watch({ deadline = 0, margin, stall = 0 }: Limits): void {
    this.#state.setTime('deadline', deadline)
    this.#state.setTime('margin', margin)
    this.#state.setTime('stall', stall)
    this.note()
    this.#state.wake()
    this.#beatEvery(Math.min(deadline === 0 ? Number.POSITIVE_INFINITY : shutdownBeat, stall / 4 || Infinity))
  }

  /** The loop turns, and this is what the app is doing. */
  note(): void {
    this.#state.setTime('beat', now())
    const facts = this.#facts()
    // A logger's bindings may be anything, and requests' paths of any length.
    const smaller = [facts, { ...facts, bindings: {} }, { ...facts, bindings: {}, requests: [] }]
    smaller.some((each) => this.#wrote(each))
  }

  #wrote(facts: Facts): boolean {
    try {
      return this.#state.writeFacts(JSON.stringify(facts))
    } catch {
      return false
    }
  }

  callOff(): void {
    clearInterval(this.#heartbeat)
    this.#state.callOff()
  }

  #beatEvery(ms: number): void {
    clearInterval(this.#heartbeat)
    this.#heartbeat = setInterval(() => this.note(), ms).unref()
  }

  #startThread(onLost: (error: unknown) => void): void {
    const { sourceMapsEnabled } = process as { sourceMapsEnabled?: boolean }
    const workerData: ThreadSetup = {
      buffer: this.#state.buffer,
      clockOffset: monotonic() - now(),
      sourceMaps: sourceMapsEnabled === true,
      made: { at: now(), cpuTime: cpuTime() }
    }
    const options = { eval: true, execArgv: [], env: {}, name: 'fastify-lifecycle watchdog', workerData }
    new Worker(threadSource(), options).once('error', onLost).unref()
  }
}

/** What the process has used, all threads together, in ms. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
