import { namedAtMost } from '../bounds.ts'
import type { HookRuns } from '../hooks/run.ts'
import { describeExchange } from '../requests/describe.ts'
import type { Outstanding } from '../watchdog/facts.ts'
import type { Parts } from './shutdown.ts'

/** What an app has not finished, for the watchdog's last line. */
export function outstandingOf(
  { settings, phases, traffic, work }: Pick<Parts, 'settings' | 'phases' | 'traffic' | 'work'>,
  runs: HookRuns | undefined
): Outstanding {
  const hooks = runs?.outstanding ?? []
  const { terminationLog } = settings
  return {
    phase: phases.current,
    hooks: hooks.slice(0, namedAtMost),
    hookCount: hooks.length,
    requests: traffic.flight.first(namedAtMost).map(describeExchange),
    inFlight: traffic.flight.count,
    work: work.first(namedAtMost),
    workCount: work.count,
    ...(terminationLog !== false && { terminationLog })
  }
}
