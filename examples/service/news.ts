import { EventEmitter, on } from 'node:events'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Tells everybody who listens. */
    announce(text: string): void
  }
}

/**
 * The same news over a WebSocket and as server-sent events. Both go on until the client leaves, so
 * both have to be ended: a WebSocket gets its close frame by itself, and the events because their
 * route is `longLived`.
 */
export const news: FastifyPluginAsync = fp(
  async (app) => {
    const events = new EventEmitter().setMaxListeners(0)
    app.decorate('announce', (text: string) => {
      events.emit('news', text)
    })

    app.get('/news', { websocket: true, schema: { hide: true } }, (socket) => {
      const tell = (text: string) => socket.send(text)
      events.on('news', tell)
      socket.on('close', () => events.off('news', tell))
    })

    app.get(
      '/news/events',
      { sse: true, config: { lifecycle: { longLived: true } } },
      async (request, reply) => {
        await reply.sse.send({ data: 'welcome' })
        for await (const [data] of on(events, 'news', { signal: request.signal }))
          await reply.sse.send({ data })
      }
    )
  },
  { name: 'news' }
)
