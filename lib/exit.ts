import type { FastifyBaseLogger } from 'fastify'
import { within } from './bounded.ts'

/** How long a logger may take to write out what it holds, in ms. */
const flushLimit = 500

interface FlushingLogger extends FastifyBaseLogger {
  flush?: (done: (error?: Error) => void) => void
}

/** Ends the process once the loggers have written out what they hold. */
export async function exit(code: number, logs: readonly FastifyBaseLogger[]): Promise<void> {
  await within(flushLimit, Promise.all([...new Set(logs)].map(flush)))
  process.exit(code)
}

async function flush(log: FlushingLogger): Promise<void> {
  if (typeof log.flush !== 'function') return
  await new Promise<void>((resolve) => log.flush?.(() => resolve()))
}
