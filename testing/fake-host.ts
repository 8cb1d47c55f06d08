import { type Barrier, newBarrier } from '../lib/process/barrier.ts'
import type { GuardedEnd } from '../lib/process/exit-guard.ts'
import type { Host } from '../lib/process/host.ts'
import type { ProcessEvents, Watch } from '../lib/process/signals.ts'

/** Has no thread that could kill the test, and so cannot tell of a blocked event loop. */
const noWatchdog: ReturnType<Host['guard']> = {
  watch() {},
  note() {},
  callOff() {},
  thread: 0,
  isAlive: false
}

/** What a coordinator takes for the process: it hears what the test says, and its exit is noted. */
export class FakeHost implements Host {
  /** What the apps listen to. */
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
    // What was listened to before is stopped next: the last to come is the one that counts.
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
