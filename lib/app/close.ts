import type { FastifyInstance } from 'fastify'

type CloseCallback = (error: Error | null, app: FastifyInstance, done: () => void) => void

/**
 * Replaces the app's own `close` with this one. Every way to close calls it: a call in any encapsulated
 * context, `listen({ signal })` and `await using`. Returns the original.
 */
export function takeOverClose(app: FastifyInstance, close: () => Promise<void>): () => Promise<void> {
  const original = app.close as () => Promise<undefined>
  const replacement = function (this: FastifyInstance, callback?: CloseCallback) {
    const closed = close()
    if (callback === undefined) return closed
    const call = (error: Error | null) => process.nextTick(callback, error, this, () => {})
    closed.then(() => call(null), call)
    return undefined
  }
  app.close = replacement as FastifyInstance['close']
  return async () => {
    await original.call(app)
  }
}
