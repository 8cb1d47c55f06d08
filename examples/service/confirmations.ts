import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Puts the confirmation of an order into the queue. The answer does not wait for it. */
    confirmLater(id: string): void
  }
}

/**
 * A queue with one worker. What is in it is tracked, so the drain waits until it is empty, and no
 * confirmation that was promised is lost. If the time of the drain is up, `signal` says so.
 */
export const confirmations: FastifyPluginAsync = fp(
  async (app) => {
    let last: Promise<unknown> = Promise.resolve()

    app.decorate('confirmLater', (id: string) => {
      app.lifecycle
        .track(({ signal }) => {
          last = last.then(() => confirm(id, signal))
          return last
        }, `confirmation ${id}`)
        .catch((error) => {
          last = Promise.resolve()
          app.log.error({ err: error, order: id }, 'not confirmed')
        })
    })

    async function confirm(id: string, signal: AbortSignal): Promise<void> {
      await sleep(200, undefined, { signal }) // stands for a mail that is sent
      await app.store.confirm(id)
      app.log.info({ order: id }, 'confirmed')
    }
  },
  { name: 'confirmations', dependencies: ['database'] }
)
