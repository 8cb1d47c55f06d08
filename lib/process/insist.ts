import { logRepeatedSignal } from '../telemetry/log-signals.ts'
import { now } from '../time/clock.ts'
import type { Ending } from './ending.ts'
import { logsOf, type Member } from './member.ts'

/**
 * A signal has come while the apps shut down. Ends the lame duck, if somebody insists and it is not over; returns
 * whether somebody insists, and there is nothing left to be shortened.
 */
export function insists(signal: NodeJS.Signals, ending: Ending<Member>): boolean {
  const at = now()
  const meaning = ending.signals.meaningOf(signal, at)
  // Once all have ended, only the logs are written out.
  if (meaning === 'ignore' || ending.isOver) return false
  const shortened = meaning === 'insist' && ending.all.filter((member) => member.endLameDuck()).length > 0
  if (meaning === 'insist' && !shortened) return true
  const what = shortened ? 'ends the lame duck' : 'changes nothing'
  logRepeatedSignal(logsOf(ending.all), signal, at - ending.since, what)
  return false
}
