import type { Facts, Verdict } from './facts.ts'
import type { Frame, KillLine } from './kill-line.ts'
import type { SharedState } from './shared-state.ts'

/** A moment at which someone looked at the clocks, in ms. */
export interface Look {
  readonly at: number
  readonly cpuTime: number
}

/** What the thread needs of the world outside it. */
export interface ThreadWorld {
  /** The main thread's monotonic clock, in ms. */
  now(): number
  /** The CPU time that the whole process has used, in ms. */
  cpuTime(): number
  /** Blocks until the generation changes, or for `ms`. */
  wait(generation: number, ms: number): void
  after(ms: number, callback: () => void): void
  /** Does the part of reading the stack that leaves the main thread running. May come again. */
  prepareStack(): void
  /** Whether the main thread waits in the system; `undefined` where that is not known. */
  mainThreadWaits(): boolean | undefined
  /** Calls `found` with the main thread's stack, and again where source maps make it a better one. */
  readStack(found: (frames: readonly Frame[]) => void): Promise<void>
  line(verdict: Verdict, facts: Partial<Facts>, stack: readonly Frame[]): KillLine
  write(text: string): Promise<void>
  /** Writes to the file in which the platform looks, after what is there or in its place. */
  writeToFile(path: string, text: string, isAppended: boolean): Promise<void>
  kill(): void
}

/** How much later than due the kill may come because of its line, in ms. */
const longestDelay = 240

/** What is left for writing the line, however long the stack took, in ms. */
const shortestWrite = 60

/** How often the main thread must be seen in the system, one after another, and the pause between two looks, in ms. */
const sleepingLooks = 8
const lookPause = 10

/** How long a stop must be to put the deadline off, in ms: a busy machine has no time for less. */
const longStop = 1_000

/**
 * The watchdog's thread: it waits outside the event loop, which may be blocked for ever, and kills
 * the process when a limit has passed.
 */
export class WatchdogThread {
  readonly #state: SharedState
  readonly #world: ThreadWorld
  /** When the process last went on after it had been stopped. */
  #continuedAt = 0
  /** Until when the deadline is put off because of that. */
  #graceUntil = 0

  constructor(state: SharedState, world: ThreadWorld) {
    this.#state = state
    this.#world = world
  }

  /** The process may have been stopped before the thread was there, so `made` says when it was made. */
  async run(made: Look): Promise<void> {
    this.#state.sayAlive()
    const verdict = this.watch(made)
    if (verdict !== undefined) await this.execute(verdict)
  }

  /** Blocks until a limit has passed; returns nothing where it was called off before. */
  watch(made: Look): Verdict | undefined {
    let last = made
    let pause = 0
    for (;;) {
      const { generation } = this.#state
      if (this.#state.isOff) return undefined
      const current = this.#look()
      const stop = this.#stopBetween(last, current, pause)
      if (stop > 0) this.#continued(current.at, stop)
      const verdict = this.judge(current.at)
      if (verdict !== undefined) return verdict
      if (this.#isHopeless(current.at)) this.#prepareStack()
      pause = this.#pauseAfter(current.at)
      this.#world.wait(generation, pause)
      last = current
    }
  }

  judge(at: number): Verdict | undefined {
    const blockedFor = this.#blockedFor(at)
    const stall = this.#state.time('stall')
    if (this.#untilDeadline(at) <= 0) return { code: 'LIFECYCLE_HARD_KILL', at, blockedFor }
    if (stall > 0 && blockedFor >= stall) return { code: 'LIFECYCLE_STALL', at, blockedFor }
    return undefined
  }

  /** Writes the last line and kills. Whatever goes wrong on the way, or hangs, the kill comes. */
  async execute(verdict: Verdict): Promise<void> {
    try {
      const begin = this.#world.now()
      const facts = this.#facts()
      const stack = await this.#stack(verdict, facts)
      const line = this.#world.line(verdict, facts, stack)
      const left = longestDelay - (this.#world.now() - begin)
      await this.#within(Math.max(shortestWrite, left), () => this.#write(line, facts))
    } finally {
      this.#world.kill()
    }
  }

  /** The line on stderr comes first, and neither of the two waits for the other. */
  async #write(line: KillLine, { terminationLog, exit }: Partial<Facts>): Promise<void> {
    const writes = [this.#world.write(`${JSON.stringify(line)}\n`)]
    // Once the exit has begun, the main thread has said there how the shutdown ended.
    const isAppended = exit !== undefined
    if (terminationLog !== undefined) {
      writes.push(this.#world.writeToFile(terminationLog, `${line.msg}\n`, isAppended))
    }
    await Promise.allSettled(writes)
  }

  /** What makes the last line better must not end the thread. */
  #prepareStack(): void {
    try {
      this.#world.prepareStack()
    } catch {
      // The line comes without a stack.
    }
  }

  async #stack({ code }: Verdict, { exit }: Partial<Facts>): Promise<readonly Frame[]> {
    // The main thread waits there for others: its own stack says nothing.
    if (exit?.heldBy !== undefined) return []
    let stack: readonly Frame[] = []
    const found = (frames: readonly Frame[]) => {
      stack = frames
    }
    // Only the deadline is a promise to the millisecond.
    const patience = code === 'LIFECYCLE_STALL' ? 1_000 : 180
    await this.#within(patience, () => Promise.race([this.#world.readStack(found), this.#mainThreadSleeps()]))
    return stack
  }

  /** Resolves once the main thread has been in the system for a while: then it has no stack to show. */
  async #mainThreadSleeps(): Promise<void> {
    for (let looks = 0; looks < sleepingLooks; looks++) {
      await new Promise<void>((resolve) => this.#world.after(lookPause, resolve))
      if (this.#world.mainThreadWaits() !== true) looks = -1
    }
  }

  /** Waits for the work, but not longer than `ms`, and not for its success. */
  #within(ms: number, work: () => Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      // The timer first: the work may go wrong at once.
      this.#world.after(ms, resolve)
      work().then(resolve, () => resolve())
    })
  }

  #blockedFor(at: number): number {
    return Math.max(0, at - Math.max(this.#state.time('beat'), this.#continuedAt))
  }

  /** The main thread will not end by itself any more in the little time that is left. */
  #isHopeless(at: number): boolean {
    return this.#untilDeadline(at) < 400 && this.#blockedFor(at) > 150
  }

  #facts(): Partial<Facts> {
    try {
      return JSON.parse(this.#state.readFacts() as string)
    } catch {
      return {}
    }
  }

  #look(): Look {
    return { at: this.#world.now(), cpuTime: this.#world.cpuTime() }
  }

  /**
   * For how many ms the whole process was stopped, or the machine had no time for it. If only this
   * thread was late, the main thread has used the time.
   */
  #stopBetween(last: Look, current: Look, pause: number): number {
    const late = current.at - last.at - pause
    const used = current.cpuTime - last.cpuTime
    return late > this.#shortestLimit() / 2 && used < pause + late / 4 ? late : 0
  }

  /**
   * The process goes on after it was stopped. The time without a heartbeat says nothing then; and
   * the deadline, which has gone on, leaves the main thread its margin to end by itself. But not
   * after a moment that may be the machine's own, and once only: a deadline that is put off again
   * and again is none.
   */
  #continued(at: number, stop: number): void {
    this.#continuedAt = at
    const grace = at + this.#state.time('margin')
    const isLate = this.#state.time('deadline') > 0 && grace > this.#state.time('deadline')
    if (isLate && stop > longStop && this.#graceUntil === 0) this.#graceUntil = grace
  }

  #untilDeadline(at: number): number {
    const deadline = this.#state.time('deadline')
    return deadline === 0 ? Number.POSITIVE_INFINITY : Math.max(deadline, this.#graceUntil) - at
  }

  #pauseAfter(at: number): number {
    return Math.max(1, Math.min(this.#shortestLimit() / 4, this.#untilDeadline(at)))
  }

  /** What decides how often to look: a stop that is too short to be noticed must not matter either. */
  #shortestLimit(): number {
    const stall = this.#state.time('stall') || Number.POSITIVE_INFINITY
    const margin = this.#state.time('deadline') > 0 ? this.#state.time('margin') : Number.POSITIVE_INFINITY
    return Math.max(40, Math.min(stall, margin))
  }
}
