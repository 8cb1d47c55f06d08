import { type Barrier, newBarrier } from '../lib/process/barrier.ts'
import type { GuardedEnd } from '../lib/process/exit-guard.ts'
import type { Host } from '../lib/process/host.ts'
import type { ProcessEvents, Watch } from '../lib/process/signals.ts'

/** A watchdog without a thread, so that it cannot kill the test. It does not notice a blocked event loop. */
const noWatchdog: ReturnType<Host['guard']> = {
  watch() {},
  note() {},
  callOff() {},
  thread: 0,
  isAlive: false
}

/**
 * The fake process of a coordinator. The test sends its signals and crashes, and the fake process records the
 * exit.
 */
export class FakeHost implements Host {
  /** The signals and crashes that the apps listen to, with their callbacks. */
  events!: ProcessEvents
  readonly exited: Promise<number>
  readonly barrier: Barrier = newBarrier()
  #exited!: (code: number) => void

  constructor() {
    this.exited = new Promise((resolve) => {
      this.#exited = resolve
    })
  }

  watch(events: ProcessEvents): Watch {
    // The coordinator stops its old watch right after this call, so only the newest events count.
    this.events = events
    return { contenders: () => [], stop() {} }
  }

  guard(..._watchdog: Parameters<Host['guard']>): ReturnType<Host['guard']> {
    return noWatchdog
  }

  guardExit(_end: GuardedEnd): () => void {
    return () => {}
  }

  async exit(code: () => number): Promise<void> {
    this.#exited(code())
  }
}
