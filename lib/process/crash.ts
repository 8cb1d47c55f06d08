import { namedAtMost } from '../bounds.ts'
import { logCrash, logLastCrash } from '../telemetry/log-process.ts'
import type { Ending } from './ending.ts'
import { logsOf, type Member } from './member.ts'

/** An error that nobody caught. Each of these apps hears of it, and must not end as if all were well. */
export function noteCrash(
  type: NodeJS.UncaughtExceptionOrigin,
  error: unknown,
  members: readonly Member[],
  ending: Ending<Member> | undefined
): void {
  const logs = logsOf(members)
  const number = ending === undefined ? 0 : ++ending.crashes
  // Where the log itself is what fails, each line about an error would be the next.
  if (number <= namedAtMost) logCrash(logs, type, error, ending === undefined)
  if (number === namedAtMost) logLastCrash(logs)
  for (const member of members) member.crashed(error)
}
