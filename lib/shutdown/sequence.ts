import { Budget } from '../time/budget.ts'
import { handOver } from './hand-over.ts'
import { lameDuck } from './lame-duck.ts'
import type { Shutdown } from './shutdown.ts'

/** The drain leaves time for one more step besides the hooks: ending the connections. */
const theStop = 1

/**
 * The shutdown from the first signal to the end: the one place where the sequence is written.
 *
 * Every way to shut down comes through here. Nothing waits longer than the budget allows, except Fastify's
 * own close, which only the deadline limits.
 */
export async function sequence(shutdown: Shutdown): Promise<void> {
  const { settings, phases, traffic, work } = shutdown.parts
  await shutdown.booted()

  phases.enter('lameDuck')
  await Promise.all([shutdown.runHooks('lameDuck'), leave(shutdown), shutdown.held('lameDuck')])

  phases.enter('draining')
  const time = new Budget(shutdown.share(settings.drainTimeout, 'draining', theStop))
  await Promise.all([shutdown.runHooks('draining'), drain(shutdown, time), shutdown.held('draining')])
  await traffic.stop.politely(shutdown.share(Number.POSITIVE_INFINITY, 'draining'))
  await work.end(time)

  phases.enter('closing')
  await Promise.all([shutdown.runHooks('closing'), shutdown.held('closing')])
  await traffic.answerWaiting(shutdown.share(Number.POSITIVE_INFINITY, 'closing'))
  await shutdown.closeFastify()

  phases.enter('closed')
}

/**
 * The lame duck comes first, for balancers that need the failing probe. Then the app hands over to processes that
 * take new connections by themselves.
 */
async function leave(shutdown: Shutdown): Promise<void> {
  await lameDuck(shutdown)
  await handOver(shutdown)
}

/** Waits for the requests first, because they may begin more tracked work. */
async function drain(shutdown: Shutdown, time: Budget): Promise<void> {
  const { traffic, work } = shutdown.parts
  await traffic.finish(time, {
    workOn: work.on,
    onTold: () => shutdown.runPreClose(),
    timeToCut: () => shutdown.share(Number.POSITIVE_INFINITY, 'draining', theStop) / 4
  })
  await work.finish(time)
}
