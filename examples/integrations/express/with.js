import { setTimeout as sleep } from 'node:timers/promises'
import fastifyExpress from '@fastify/express'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)
await app.register(fastifyExpress)

// Express answers before the 503 of the drain can. Without these lines it serves to the end, which loses nothing either.
app.use((_, response, next) => {
  if (app.lifecycle.phase !== 'draining') return next()
  response.status(503).set({ 'retry-after': '3', connection: 'close' }).send('this server restarts')
})
app.use('/slow', async (_, response) => {
  app.log.info('incoming request')
  await sleep(1_000)
  response.send('done')
})

await app.listen({ port: Number(process.env.PORT ?? 3000) })
