import type { Facts, Verdict } from './facts.ts'
import type { Frame, KillLine } from './kill-line.ts'
import type { SharedState } from './shared-state.ts'

/** What both clocks showed at one moment, in ms. */
export interface Look {
  readonly at: number
  readonly cpuTime: number
}

/** The functions that the thread needs from its process and its system. */
export interface ThreadWorld {
  /** The main thread's monotonic clock, in ms. */
  now(): number
  /** The CPU time that the whole process has used, in ms. */
  cpuTime(): number
  /** Blocks until the generation changes, or for `ms`. */
  wait(generation: number, ms: number): void
  after(ms: number, callback: () => void): void
  /** Does the part of reading the stack that leaves the main thread running. May be called again. */
  prepareStack(): void
  /** Whether the main thread waits in a system call; `undefined` if that is not known. */
  mainThreadWaits(): boolean | undefined
  /** Calls `found` with the main thread's stack. Calls it again if source maps improve that stack. */
  readStack(found: (frames: readonly Frame[]) => void): Promise<void>
  line(verdict: Verdict, facts: Partial<Facts>, stack: readonly Frame[]): KillLine
  write(text: string): Promise<void>
  /** Writes to the file in which the platform looks: appends to its text, or replaces it. */
  writeToFile(path: string, text: string, isAppended: boolean): Promise<void>
  kill(): void
}

/** How long the last line may delay the kill, in ms. */
const longestDelay = 240

/** How long writing the line may take at least, however long reading the stack took, in ms. */
const shortestWrite = 60

/** How many looks in a row must find the main thread in a system call, and the pause between two looks, in ms. */
const sleepingLooks = 8
const lookPause = 10

/**
 * How long a stop must be to put the deadline off, in ms. A shorter stop may only mean that the machine is
 * busy.
 */
const longStop = 1_000

/**
 * The watchdog's thread. The main thread's event loop may be blocked for ever, so this thread waits outside of
 * that loop. It kills the process when a limit has passed.
 */
export class WatchdogThread {
  readonly #state: SharedState
  readonly #world: ThreadWorld
  /** When the process last went on after it had been stopped. */
  #continuedAt = 0
  /** Until when the deadline is put off because of that stop. */
  #graceUntil = 0

  constructor(state: SharedState, world: ThreadWorld) {
    this.#state = state
    this.#world = world
  }

  /**
   * `made` says when the main thread made this thread, because the process may have been stopped before this
   * thread ran.
   */
  async run(made: Look): Promise<void> {
    this.#state.sayAlive()
    const verdict = this.watch(made)
    if (verdict !== undefined) await this.execute(verdict)
  }

  /**
   * Blocks until a limit has passed. Returns `undefined` if the main thread called the watchdog off before
   * that.
   */
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

  /** Writes the last line and kills the process. The kill comes even if something before it fails or hangs. */
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

  /** The write to stderr begins first. Neither of the two writes waits for the other. */
  async #write(line: KillLine, { terminationLog, exit }: Partial<Facts>): Promise<void> {
    const writes = [this.#world.write(`${JSON.stringify(line)}\n`)]
    // Once the exit has begun, the main thread has already written the end of the shutdown into that file.
    const isAppended = exit !== undefined
    if (terminationLog !== undefined) {
      writes.push(this.#world.writeToFile(terminationLog, `${line.msg}\n`, isAppended))
    }
    await Promise.allSettled(writes)
  }

  /** An error here must not end the thread: the stack only improves the last line. */
  #prepareStack(): void {
    try {
      this.#world.prepareStack()
    } catch {
      // The last line is written without a stack.
    }
  }

  async #stack({ code }: Verdict, { exit }: Partial<Facts>): Promise<readonly Frame[]> {
    // The main thread then waits for other threads, so its own stack says nothing.
    if (exit?.heldBy !== undefined) return []
    let stack: readonly Frame[] = []
    const found = (frames: readonly Frame[]) => {
      stack = frames
    }
    // At a deadline, the kill must come at once. A stall has no such limit, so it leaves more time to read the stack.
    const patience = code === 'LIFECYCLE_STALL' ? 1_000 : 180
    await this.#within(patience, () => Promise.race([this.#world.readStack(found), this.#mainThreadSleeps()]))
    return stack
  }

  /**
   * Resolves once the main thread has been in a system call for a while. During that call, it runs no
   * JavaScript, so it has no stack to show.
   */
  async #mainThreadSleeps(): Promise<void> {
    for (let looks = 0; looks < sleepingLooks; looks++) {
      await new Promise<void>((resolve) => this.#world.after(lookPause, resolve))
      if (this.#world.mainThreadWaits() !== true) looks = -1
    }
  }

  /** Waits until the work has succeeded or failed, but not longer than `ms`. */
  #within(ms: number, work: () => Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      // The timer is set first, because the work may fail at once.
      this.#world.after(ms, resolve)
      work().then(resolve, () => resolve())
    })
  }

  #blockedFor(at: number): number {
    return Math.max(0, at - Math.max(this.#state.time('beat'), this.#continuedAt))
  }

  /** Whether the main thread will probably not end the process itself in the time that is left. */
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
   * For how many ms the whole process was stopped, or got no CPU time from the machine. Returns 0 if only this
   * thread was late because the main thread used the CPU.
   */
  #stopBetween(last: Look, current: Look, pause: number): number {
    const late = current.at - last.at - pause
    const used = current.cpuTime - last.cpuTime
    return late > this.#shortestLimit() / 2 && used < pause + late / 4 ? late : 0
  }

  /**
   * The process goes on after it was stopped. The time without a heartbeat then says nothing about the event
   * loop, so it counts anew. If the deadline is near or over, it is put off by the margin, so that the main
   * thread can still end the process itself. This happens once only, and only after a long stop: a short one
   * may be a busy machine.
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

  /**
   * The shortest limit decides how often the thread looks: a stop that is too short to be noticed must be too
   * short to matter.
   */
  #shortestLimit(): number {
    const stall = this.#state.time('stall') || Number.POSITIVE_INFINITY
    const margin = this.#state.time('deadline') > 0 ? this.#state.time('margin') : Number.POSITIVE_INFINITY
    return Math.max(40, Math.min(stall, margin))
  }
}
