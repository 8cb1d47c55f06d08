import type { Family } from './family.ts'
import type { Output } from './output.ts'

/** How a process ended, and when. */
export interface Exit {
  /** `null` if a signal ended the process, or if only its parent knows the code. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly at: number
}

/** The app under drill: started by the drill, or running already. */
export interface Subject {
  readonly pid: number
  readonly family: Family
  /** `undefined` if the drill has not started the app, so that it cannot read the output. */
  readonly output: Output | undefined
  readonly startedAt: number
  /** Resolves when the process that gets the signal is gone. */
  readonly exited: Promise<Exit>
  /** The exit, once it is known. */
  readonly exit: Exit | undefined
  signal(signal: NodeJS.Signals): void
  /** Ends the app and all its processes, if the drill has started it. */
  end(): Promise<void>
}
