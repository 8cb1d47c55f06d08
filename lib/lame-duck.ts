import { within } from './bounded.ts'
import { now, round, sleep } from './clock.ts'
import type { Life } from './life.ts'
import type { Shutdown } from './shutdown.ts'

/** The lame duck's window: serving goes on with readiness failing, until the probers have looked away. */
export async function lameDuck(life: Life, shutdown: Shutdown): Promise<void> {
  const { max, min, probes } = life.settings.lameDuck
  const window = shutdown.budget.clamp(max)
  if (window === 0 || !isWorthwhile(shutdown)) return

  life.traffic.shed(window)
  const begin = now()
  const seen = probes === 0 ? forever : life.health.readiness.seenNotReady(probes).then(() => sleep(settling))
  const [, { outcome }] = await Promise.all([sleep(Math.min(min, window)), within(window, seen)])
  const saved = round(Math.max(0, window - (now() - begin)))
  shutdown.lameDuck = outcome === 'ok' ? { ended: 'probes', saved } : { ended: 'window', saved: 0 }
}

/** How long requests may still come that were sent on before a balancer had heard the last answer, in ms. */
const settling = 100

const forever = new Promise<never>(() => {})

/** Only a server that someone was sent to needs it, and only where there is time for politeness. */
function isWorthwhile({ reason, wasServing }: Shutdown): boolean {
  return wasServing && (reason.type === 'signal' || reason.type === 'shutdown')
}
