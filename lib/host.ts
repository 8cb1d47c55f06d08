import { exit } from './exit.ts'
import { watchProcess } from './process-events.ts'
import { Watchdog } from './watchdog/watchdog.ts'

/** What a coordinator is in charge of: the process, or one that a test plays. */
export interface Host {
  readonly watch: typeof watchProcess
  readonly exit: typeof exit
  /** The watchdog of a process that must end. */
  guard(...watchdog: ConstructorParameters<typeof Watchdog>): Pick<Watchdog, 'watch' | 'note' | 'callOff'>
}

export const thisProcess: Host = {
  watch: watchProcess,
  exit,
  guard: (...watchdog) => new Watchdog(...watchdog)
}
