import { namedAtMost } from '../bounds.ts'
import { logCrash, logLastCrash } from '../telemetry/log-process.ts'
import type { Ending } from './ending.ts'
import { logsOf, type Member } from './member.ts'

/**
 * Records an error that nobody caught. Each of these apps is notified, so that it does not end with exit code
 * 0.
 */
export function noteCrash(
  type: NodeJS.UncaughtExceptionOrigin,
  error: unknown,
  members: readonly Member[],
  ending: Ending<Member> | undefined
): void {
  const logs = logsOf(members)
  const number = ending === undefined ? 0 : ++ending.crashes
  // If the logger itself throws, each line about an error would cause the next error.
  if (number <= namedAtMost) logCrash(logs, type, error, ending === undefined)
  if (number === namedAtMost) logLastCrash(logs)
  for (const member of members) member.crashed(error)
}
