import { subscribe } from 'node:diagnostics_channel'
import type { Worker } from 'node:worker_threads'
import { isWatchdog } from '../watchdog/watchdog.ts'

/** The running threads of `node:worker_threads`. */
const running = new Set<Worker>()

/** Subscribes at the import, because a logger may start its thread before the plugin is registered. */
subscribe('worker_threads', (message) => {
  const { worker } = message as { worker: Worker }
  running.add(worker)
  worker.once('exit', () => running.delete(worker))
})

/**
 * Ends all worker threads except the watchdog's, as `process.exit()` would do next. Does not wait for their
 * end. Returns whether there were any.
 */
export function endWorkers(): boolean {
  const others = [...running].filter((worker) => !isWatchdog(worker))
  for (const worker of others) void worker.terminate()
  return others.length > 0
}
