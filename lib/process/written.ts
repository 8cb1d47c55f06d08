import { Writable } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import { transportsOf } from '../telemetry/logger-kind.ts'
import { setImmediate, sleep } from '../time/clock.ts'
import { isUsingFiles } from '../undocumented.ts'

interface FlushingLogger extends FastifyBaseLogger {
  flush?: (done: (error?: Error) => void) => void
}

/** Asks each logger that has `flush` to write out its lines, and waits until the lines are written. */
export async function written(logs: readonly FastifyBaseLogger[]): Promise<void> {
  await Promise.allSettled([...new Set(logs)].map(flush))
  await noLonger(isUsingFiles)
}

async function flush(log: FlushingLogger): Promise<void> {
  if (typeof log.flush !== 'function') return
  await new Promise<void>((resolve) => log.flush?.(() => resolve()))
}

/**
 * Waits until the streams of a winston logger are empty. Such a logger has no method that writes its lines out. If we
 * ended its streams, each later line would be an error.
 */
export async function streamed(logs: readonly FastifyBaseLogger[]): Promise<void> {
  const streams = logs.flatMap(streamsOf)
  if (streams.length > 0) await noLonger(() => streams.some(isHolding))
}

function streamsOf(log: FastifyBaseLogger): Writable[] {
  const transports = transportsOf(log)
  if (transports === undefined) return []
  // A transport for files has its file stream in one of its fields.
  const parts = [log, ...transports, ...transports.flatMap((transport) => Object.values(transport))]
  return parts.filter((part): part is Writable & typeof part => part instanceof Writable)
}

function isHolding(stream: Writable): boolean {
  const { writableLength, destroyed } = stream
  const { readableLength = 0 } = stream as { readableLength?: number }
  return !destroyed && writableLength + readableLength > 0
}

/**
 * Waits until `isBusy` returns `false`. pino writes asynchronously, and its `flush` does not wait for a write
 * that is under way. An exit during such a write would lose lines, or change their order.
 */
export async function noLonger(isBusy: () => boolean): Promise<void> {
  if (isBusy()) await new Promise((resolve) => setImmediate(resolve))
  for (let pause = 1; isBusy(); pause = Math.min(2 * pause, 10)) await sleep(pause)
}
