import { subscribe } from 'node:diagnostics_channel'
import type { Worker } from 'node:worker_threads'
import { isWatchdog } from '../watchdog/watchdog.ts'

/** The threads of `node:worker_threads` that run. */
const running = new Set<Worker>()

/** From the import on, because a logger may start its thread before the plugin is registered. */
subscribe('worker_threads', (message) => {
  const { worker } = message as { worker: Worker }
  running.add(worker)
  worker.once('exit', () => running.delete(worker))
})

/**
 * Has all threads end but the watchdog's, as `process.exit()` would next, and does not wait for that. Returns
 * whether there were any.
 */
export function endWorkers(): boolean {
  const others = [...running].filter((worker) => !isWatchdog(worker))
  for (const worker of others) void worker.terminate()
  return others.length > 0
}
