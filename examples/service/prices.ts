import { setInterval } from 'node:timers/promises'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

/**
 * Looks every second for new prices. It stops with the first signal, because nobody needs it for the
 * requests that are left; `lifecycle.signal` is all that takes.
 */
export const prices: FastifyPluginAsync = fp(
  async (app) => {
    const { signal } = app.lifecycle

    async function poll(): Promise<void> {
      try {
        for await (const _ of setInterval(1_000, undefined, { signal, ref: false })) await app.store.ping()
      } catch (error) {
        if (!signal.aborted) throw error
        app.log.info('the prices are not looked for any more')
      }
    }

    app.addHook('onReady', async () => {
      app.lifecycle.track(poll, 'prices')
    })
  },
  { name: 'prices', dependencies: ['database'] }
)
