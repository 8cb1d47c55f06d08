import { Budget } from './budget.ts'
import { lameDuck } from './lame-duck.ts'
import type { Life } from './life.ts'
import { runHooks } from './run-hooks.ts'
import type { Shutdown } from './shutdown.ts'

/** What the drain leaves time for besides the hooks: ending the connections. */
const theStop = 1

/**
 * The walk from the first signal to the end: the one place where the sequence is written.
 *
 * Every road takes it, and nothing in it waits longer than the budget allows, but for Fastify's
 * own close, which only the deadline bounds.
 */
export async function walk(life: Life, shutdown: Shutdown): Promise<void> {
  const { phases, traffic } = life
  await life.booted()

  phases.enter('lameDuck')
  await Promise.all([runHooks('lameDuck', life, shutdown), lameDuck(life, shutdown), life.held('lameDuck')])

  phases.enter('draining')
  await Promise.all([runHooks('draining', life, shutdown), drain(life), life.held('draining')])
  await traffic.stop(life.share(Number.POSITIVE_INFINITY, 'draining'))

  phases.enter('closing')
  await Promise.all([runHooks('closing', life, shutdown), life.held('closing')])
  // An app that was told to end before it listened may have begun to, meanwhile.
  await traffic.cutOff()
  await life.closeFastify(shutdown)

  phases.enter('closed')
}

/** The requests first: as long as there are any, they may bring more work. */
async function drain(life: Life): Promise<void> {
  const time = new Budget(life.share(life.settings.drainTimeout, 'draining', theStop))
  await life.traffic.finish(time.left)
  await life.work.finish(time)
}
