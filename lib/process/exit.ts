import type { FastifyBaseLogger } from 'fastify'
import { logOwnExitCode } from '../telemetry/log-process.ts'
import { within } from '../time/within.ts'
import { holdingThreads } from '../undocumented/threads.ts'
import { poolRequests } from '../undocumented.ts'
import { noLonger, streamed, written } from './written.ts'

/** How long the exit waits, in ms. */
export interface ExitPatience {
  /** For loggers that have `flush`. */
  readonly logs: number
  /**
   * For the streams of loggers without `flush`. Also for requests to the thread pool, if the system does not
   * tell what its threads do.
   */
  readonly pool: number
}

/**
 * Ends the process once the loggers have written out their lines. `code` is called last, because the process
 * may still crash before that. An exit code that the app has set itself wins over 0.
 */
export async function exit(
  code: () => number,
  logs: readonly FastifyBaseLogger[],
  patience: ExitPatience
): Promise<void> {
  const own = () => (code() === 0 ? Number(process.exitCode ?? 0) : code())
  if (own() !== code()) logOwnExitCode(logs, own())
  await within(patience.logs, written(logs))
  await within(patience.pool, Promise.all([streamed(logs), poolDone()]))
  process.exit(own())
}

/**
 * Waits until no request to the thread pool is left, because `process.exit()` waits for the pool. If the system
 * tells what the pool's threads do, the exit guard waits instead, and needs no event loop.
 */
async function poolDone(): Promise<void> {
  if (holdingThreads({ hasWorkers: false, hasRequests: false, watchdog: 0 }) === undefined) {
    await noLonger(() => poolRequests().length > 0)
  }
}
