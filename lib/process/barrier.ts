/**
 * The object that all versions of this package share, so that no version ends the process while another is not
 * done. Its shape never changes: no field is added, renamed or given another meaning. Each version brings its
 * own code for it.
 */
export interface Barrier {
  readonly participants: Set<Participant>
}

/** One version's coordinator, while it has apps. */
export interface Participant {
  /** 'serving' until its apps begin to end, 'done' when all of them have ended. */
  state: 'serving' | 'ending' | 'done'
  /** When its apps must have ended, in ms of `performance.now()`. */
  deadline: number
  /** The exit code of its apps. */
  exitCode: number
  /** Whether one of its apps keeps the process alive after the shutdown. */
  keepsProcess: boolean
  /** Called when another participant has changed. */
  changed(): void
}

/** This key never changes. */
const key = Symbol.for('fastify-lifecycle.barrier')

/** The barrier of this process. */
export function sharedBarrier(): Barrier {
  const shared = globalThis as { [key]?: Barrier }
  shared[key] ??= newBarrier()
  return shared[key]
}

export function newBarrier(): Barrier {
  return Object.freeze({ participants: new Set<Participant>() })
}

/** A coordinator's place at the barrier. */
export class Place {
  readonly #barrier: Barrier
  readonly #self: Participant
  readonly #waiting = new Set<() => void>()

  /** `changed` is called when another participant has changed. */
  constructor(barrier: Barrier, changed: () => void) {
    this.#barrier = barrier
    this.#self = {
      ...{ state: 'serving', deadline: 0, exitCode: 0, keepsProcess: false },
      changed: () => {
        for (const look of [...this.#waiting]) look()
        changed()
      }
    }
  }

  /** Whether the coordinator has apps. A coordinator without apps does not take part. */
  set isTaken(isTaken: boolean) {
    const { participants } = this.#barrier
    if (isTaken) participants.add(this.#self)
    else if (participants.delete(this.#self)) this.set({ state: 'serving' })
  }

  set(fields: Partial<Omit<Participant, 'changed'>>): void {
    Object.assign(this.#self, fields)
    for (const other of this.#others) {
      try {
        other.changed()
      } catch {
        // An error in another version's code must not stop this version.
      }
    }
  }

  /** Whether others have begun to end the process, and none of them keeps the process alive. */
  get othersEnd(): boolean {
    const { keepsProcess, ending } = this.#of(this.#others)
    return ending.length > 0 && !keepsProcess
  }

  /** Whether another participant keeps the process alive. */
  get isKept(): boolean {
    return this.#of(this.#others).keepsProcess
  }

  /** The latest deadline of the others that end, in ms on the monotonic clock; 0 if none of them ends. */
  get deadline(): number {
    return Math.max(0, ...this.#of(this.#others).ending.map(({ deadline }) => deadline))
  }

  /** The highest exit code of the others. */
  get exitCode(): number {
    return Math.max(0, ...this.#of(this.#others).ending.map(({ exitCode }) => exitCode))
  }

  /** Resolves when all others are done. Others that still serve begin to end because this participant ends. */
  empty(): Promise<void> {
    const isEmpty = () => this.#others.every(({ state }) => state === 'done')
    return new Promise((resolve) => {
      const look = () => {
        if (!isEmpty()) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  get #others(): Participant[] {
    return [...this.#barrier.participants].filter((each) => each !== this.#self)
  }

  #of(others: readonly Participant[]): { ending: Participant[]; keepsProcess: boolean } {
    const ending = others.filter(({ state }) => state !== 'serving')
    return { ending, keepsProcess: ending.some(({ keepsProcess }) => keepsProcess) }
  }
}
