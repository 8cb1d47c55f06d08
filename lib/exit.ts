import type { FastifyBaseLogger } from 'fastify'
import { within } from './bounded.ts'
import { setImmediate } from './clock.ts'

interface FlushingLogger extends FastifyBaseLogger {
  flush?: (done: (error?: Error) => void) => void
}

/**
 * Ends the process once the loggers have written out what they hold, at the latest after `limit` ms. With
 * which code is asked last, because until then it may still crash.
 */
export async function exit(
  code: () => number,
  logs: readonly FastifyBaseLogger[],
  limit: number
): Promise<void> {
  await within(limit, written(logs))
  process.exit(code())
}

async function written(logs: readonly FastifyBaseLogger[]): Promise<void> {
  await Promise.allSettled([...new Set(logs)].map(flush))
  await filesWritten()
}

async function flush(log: FlushingLogger): Promise<void> {
  if (typeof log.flush !== 'function') return
  await new Promise<void>((resolve) => log.flush?.(() => resolve()))
}

/**
 * pino writes asynchronously, and its `flush` does not wait for what is being written: an exit then
 * would lose lines, or let them overtake each other.
 */
async function filesWritten(): Promise<void> {
  while (process.getActiveResourcesInfo().includes('FSReqCallback')) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}
