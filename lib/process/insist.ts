import { logRepeatedSignal } from '../telemetry/log-signals.ts'
import { now } from '../time/clock.ts'
import type { Ending } from './ending.ts'
import { logsOf, type Member } from './member.ts'

/**
 * Called when a signal arrives while the apps shut down. If a person insists on the end, the lame duck ends
 * first. Returns `true` if no lame duck is left to end, so that the process should exit at once.
 */
export function insists(signal: NodeJS.Signals, ending: Ending<Member>): boolean {
  const at = now()
  const meaning = ending.signals.meaningOf(signal, at)
  // Once all apps have ended, the process only writes out its logs.
  if (meaning === 'ignore' || ending.isOver) return false
  const shortened = meaning === 'insist' && ending.all.filter((member) => member.endLameDuck()).length > 0
  if (meaning === 'insist' && !shortened) return true
  const what = shortened ? 'ends the lame duck' : 'changes nothing'
  logRepeatedSignal(logsOf(ending.all), signal, at - ending.since, what)
  return false
}
