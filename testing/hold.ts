import type { Life } from '../lib/app/life.ts'
import type { HookPhase } from '../lib/phases.ts'
import { phaseOrder } from '../lib/phases.ts'
import { FST_LIFECYCLE_TEST_NOT_REACHED, FST_LIFECYCLE_TEST_TOO_LATE } from './errors.ts'

/** A phase that is held open until the test releases it. */
export interface Hold extends Disposable {
  readonly phase: HookPhase
  /**
   * Resolves once every app is in the phase. Rejects with `FST_LIFECYCLE_TEST_NOT_REACHED` if the
   * shutdown ends before that.
   */
  readonly reached: Promise<void>
  /** Lets the shutdown go on. A `using` declaration calls this at the end of its block. */
  release(): void
}

/** The phases that a test holds open. */
export class Holds {
  readonly #lives: readonly Life[]
  readonly #exited: Promise<{ readonly exitCode: number | undefined }>
  readonly #held = new Map<Hold, Promise<void>>()

  constructor(lives: readonly Life[], exited: Promise<{ readonly exitCode: number | undefined }>) {
    this.#lives = lives
    this.#exited = exited
  }

  add(phase: HookPhase): Hold {
    const late = this.#lives.find((life) => hasCome(life, phase))
    if (late !== undefined) throw new FST_LIFECYCLE_TEST_TOO_LATE(`\`hold('${phase}')\``, late.phase)
    let open!: () => void
    const released = new Promise<void>((resolve) => {
      open = resolve
    })
    const release = () => {
      this.#held.delete(hold)
      open()
    }
    const hold: Hold = { phase, reached: this.#reached(phase), release, [Symbol.dispose]: release }
    this.#held.set(hold, released)
    return hold
  }

  /** Resolves when nothing holds the phase any more; `undefined` if nothing holds it now. */
  of(phase: HookPhase): Promise<void> | undefined {
    const held = [...this.#held].filter(([hold]) => hold.phase === phase)
    if (held.length === 0) return undefined
    return Promise.all(held.map(([, released]) => released)).then(() => {})
  }

  releaseAll(): void {
    for (const hold of [...this.#held.keys()]) hold.release()
  }

  #reached(phase: HookPhase): Promise<void> {
    const everyone = Promise.all(this.#lives.map((life) => coming(life, phase))).then(() => {})
    const never = this.#exited.then(({ exitCode }) => {
      throw new FST_LIFECYCLE_TEST_NOT_REACHED(phase, String(exitCode))
    })
    const reached = Promise.race([everyone, never])
    // A test that does not await `reached` must not get an unhandled rejection.
    reached.catch(() => {})
    return reached
  }
}

function hasCome(life: Life, phase: HookPhase): boolean {
  return phaseOrder.indexOf(life.phase) >= phaseOrder.indexOf(phase)
}

function coming(life: Life, phase: HookPhase): Promise<void> {
  const { emitter: events } = life.events
  return new Promise((resolve) => {
    const look = () => {
      if (!hasCome(life, phase)) return
      events.off('phase', look)
      resolve()
    }
    events.on('phase', look)
  })
}
