import { Watchdog } from '../watchdog/watchdog.ts'
import { type Barrier, sharedBarrier } from './barrier.ts'
import { exit } from './exit.ts'
import { type GuardedEnd, guardExit } from './exit-guard.ts'
import { watchProcess } from './signals.ts'

/** The process that a coordinator is in charge of: the real one, or the fake process of a test. */
export interface Host {
  readonly watch: typeof watchProcess
  readonly exit: typeof exit
  /** The barrier that all versions of this package share. */
  readonly barrier: Barrier
  /** Guards the end of the process until the returned function is called. */
  guardExit(end: GuardedEnd): () => void
  /** The watchdog of a process that must end. */
  guard(
    ...watchdog: ConstructorParameters<typeof Watchdog>
  ): Pick<Watchdog, 'watch' | 'note' | 'callOff' | 'thread' | 'isAlive'>
}

export const thisProcess: Host = {
  watch: watchProcess,
  exit,
  get barrier() {
    return sharedBarrier()
  },
  guardExit: (end) => guardExit(end),
  guard: (...watchdog) => new Watchdog(...watchdog)
}
