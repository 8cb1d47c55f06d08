import type { Host } from '../lib/host.ts'
import type { ProcessEvents, Watch } from '../lib/process-events.ts'

/** Has no thread that could kill the test, and so cannot tell of a blocked event loop. */
const noWatchdog: ReturnType<Host['guard']> = { watch() {}, note() {}, callOff() {} }

/** What a coordinator takes for the process: it hears what the test says, and its exit is noted. */
export class FakeHost implements Host {
  /** What the apps listen to. */
  events!: ProcessEvents
  readonly exited: Promise<number>
  #exited!: (code: number) => void

  constructor() {
    this.exited = new Promise((resolve) => {
      this.#exited = resolve
    })
  }

  watch(events: ProcessEvents): Watch {
    // What was listened to before is stopped next: the last to come is the one that counts.
    this.events = events
    return { contested: () => [], stop() {} }
  }

  guard(): ReturnType<Host['guard']> {
    return noWatchdog
  }

  async exit(code: () => number): Promise<void> {
    this.#exited(code())
  }
}
