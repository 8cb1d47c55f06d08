import { setTimeout as sleep } from 'node:timers/promises'
import fastifyExpress from '@fastify/express'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)
await app.register(fastifyExpress)

app.use('/slow', async (_, response) => {
  app.log.info('incoming request')
  await sleep(1_000)
  response.send('done')
})

await app.listen({ port: Number(process.env.PORT ?? 3000) })
