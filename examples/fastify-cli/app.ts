import type { FastifyPluginAsync } from 'fastify'
import lifecycle from 'fastify-lifecycle'

// fastify start -l info app.js

const app: FastifyPluginAsync = async (app, _options) => {
  await app.register(lifecycle)

  app.get('/', async () => ({ hello: 'world' }))
  app.onShutdown('goodbye', ({ log }) => log.info('goodbye'))
}

export default app
