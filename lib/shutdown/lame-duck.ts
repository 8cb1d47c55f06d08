import { now, round, sleep } from '../time/clock.ts'
import { within } from '../time/within.ts'
import type { Shutdown } from './shutdown.ts'

/**
 * The lame duck's window: the app still serves, but readiness fails, until balancers have stopped routing to the app.
 */
export async function lameDuck(shutdown: Shutdown): Promise<void> {
  const { settings, traffic, readiness } = shutdown.parts
  const { max, min, probes } = settings.lameDuck
  const window = shutdown.budget.clamp(max)
  if (window === 0 || shutdown.isReplaced || !isWorthwhile(shutdown)) return

  traffic.shed(window)
  const begin = now()
  const seen = probes === 0 ? forever : readiness.seenNotReady(probes).then(() => sleep(settling))
  const ended = new Promise<'signal' | 'skipped'>((resolve) => {
    shutdown.endLameDuck = resolve
  })
  const [, end] = await Promise.all([
    within(Math.min(min, window), ended),
    within(window, Promise.race([seen.then(() => 'probes' as const), ended]))
  ])
  shutdown.endLameDuck = undefined
  const saved = round(Math.max(0, window - (now() - begin)))
  shutdown.lameDuck = end.outcome === 'ok' ? { ended: end.value, saved } : { ended: 'window', saved: 0 }
}

/**
 * How long to wait after the last answer to a balancer's probe, in ms. Requests that the balancer sent before it got
 * this answer may still arrive.
 */
const settling = 100

const forever = new Promise<never>(() => {})

/** Only a server that gets requests from others needs the lame duck. After a crash or `app.close()` there is none. */
function isWorthwhile({ reason, wasServing }: Shutdown): boolean {
  return wasServing && (reason.type === 'signal' || reason.type === 'shutdown')
}
