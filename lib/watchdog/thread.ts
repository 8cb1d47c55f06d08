import type { Facts } from './facts.ts'
import type { Frame } from './frame.ts'
import type { KillLine } from './kill-line.ts'
import type { SharedState } from './shared-state.ts'

/** Why the process is killed. */
export interface Verdict {
  readonly code: 'LIFECYCLE_HARD_KILL' | 'LIFECYCLE_STALL'
  readonly at: number
  /** For how many ms the event loop has not turned. */
  readonly blockedFor: number
}

/** What the thread needs of the world outside it. */
export interface ThreadWorld {
  /** The main thread's monotonic clock, in ms. */
  now(): number
  /** Blocks until the generation changes, or for `ms`. */
  wait(generation: number, ms: number): void
  after(ms: number, callback: () => void): void
  /** Calls `found` with the main thread's stack, and again where source maps make it a better one. */
  readStack(found: (frames: readonly Frame[]) => void): Promise<void>
  line(verdict: Verdict, facts: Partial<Facts>, stack: readonly Frame[]): KillLine
  write(text: string): Promise<void>
  kill(): void
}

/**
 * The watchdog's thread: it waits outside the event loop, which may be blocked for ever, and kills
 * the process when a limit has passed.
 *
 * Runs in the thread: see `source.ts` for what that forbids.
 */
export class WatchdogThread {
  private readonly state: SharedState
  private readonly world: ThreadWorld
  /** When the process last went on after it had been stopped. */
  private continuedAt = 0
  /** Until when the deadline is put off because of that. */
  private graceUntil = 0

  constructor(state: SharedState, world: ThreadWorld) {
    this.state = state
    this.world = world
  }

  async run(): Promise<void> {
    const verdict = this.watch()
    if (verdict !== undefined) await this.execute(verdict)
  }

  /** Blocks until a limit has passed; returns nothing where it was called off before. */
  watch(): Verdict | undefined {
    let due = this.world.now()
    for (;;) {
      const { generation } = this.state
      if (this.state.isOff) return undefined
      const at = this.world.now()
      const unit = this.shortestLimit()
      if (at - due > unit / 2) this.continued(at)
      const verdict = this.judge(at)
      if (verdict !== undefined) return verdict
      const pause = Math.max(1, Math.min(unit / 4, this.untilDeadline(at)))
      due = at + pause
      this.world.wait(generation, pause)
    }
  }

  judge(at: number): Verdict | undefined {
    const blockedFor = Math.max(0, at - Math.max(this.state.time('beat'), this.continuedAt))
    const stall = this.state.time('stall')
    if (this.untilDeadline(at) <= 0) return { code: 'LIFECYCLE_HARD_KILL', at, blockedFor }
    if (stall > 0 && blockedFor >= stall) return { code: 'LIFECYCLE_STALL', at, blockedFor }
    return undefined
  }

  /** Writes the last line and kills. Whatever goes wrong on the way, or hangs, the kill comes. */
  async execute(verdict: Verdict): Promise<void> {
    // The timer first: it must be there before anything is asked of the main thread.
    this.world.after(220, () => this.world.kill())
    try {
      const stack = await this.stackWithin(150)
      await this.world.write(`${JSON.stringify(this.world.line(verdict, this.facts(), stack))}\n`)
    } finally {
      this.world.kill()
    }
  }

  /** The stack, as good as it was known when the time was up. */
  private stackWithin(ms: number): Promise<readonly Frame[]> {
    return new Promise((resolve) => {
      let best: readonly Frame[] = []
      const done = () => resolve(best)
      this.world.after(ms, done)
      this.world
        .readStack((frames) => {
          best = frames
        })
        .then(done, done)
    })
  }

  private facts(): Partial<Facts> {
    try {
      return JSON.parse(this.state.readFacts() as string)
    } catch {
      return {}
    }
  }

  /**
   * The whole process was stopped for a while, or the machine had no time for it. The time without
   * a heartbeat says nothing then; and the deadline, which has gone on, leaves the main thread its
   * margin to end by itself. But once only: a deadline that is put off again and again is none.
   */
  private continued(at: number): void {
    this.continuedAt = at
    const grace = at + this.state.time('margin')
    if (this.graceUntil === 0 && this.state.time('deadline') > 0 && grace > this.state.time('deadline')) {
      this.graceUntil = grace
    }
  }

  private untilDeadline(at: number): number {
    const deadline = this.state.time('deadline')
    return deadline === 0 ? Number.POSITIVE_INFINITY : Math.max(deadline, this.graceUntil) - at
  }

  /** What decides how often to look: a stop that is too short to be noticed must not matter either. */
  private shortestLimit(): number {
    const stall = this.state.time('stall') || Number.POSITIVE_INFINITY
    const margin = this.state.time('deadline') > 0 ? this.state.time('margin') : Number.POSITIVE_INFINITY
    return Math.max(40, Math.min(stall, margin))
  }
}
