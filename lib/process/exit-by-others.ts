import { namedAtMost } from '../bounds.ts'
import { logExitByOthers } from '../telemetry/log-process.ts'
import type { Ending } from './ending.ts'
import type { BegunExit } from './exit-guard.ts'
import { factsOf, logsOf, type Member } from './member.ts'

/**
 * Called when the process exits. If other code ends the process in the middle of a shutdown, this logs it, and
 * names what is unfinished.
 */
export function exitHasBegun(
  { all, isOver }: Ending<Member>,
  { code: exitCode, error, isCrash }: BegunExit
): void {
  if (isOver && !isCrash) return
  const { phase, hooks, inFlight, requests, work } = factsOf(all, undefined)
  const facts = {
    ...{ exitCode, phase, inFlight, requests, work },
    running: hooks.map(({ name }) => name),
    unstarted: all.flatMap((member) => member.unstartedHooks()).slice(0, namedAtMost)
  }
  logExitByOthers(logsOf(all), { error, isCrash }, facts)
}
