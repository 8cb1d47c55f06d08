import { setTimeout as sleep } from 'node:timers/promises'
import fastifyMiddie from '@fastify/middie'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)
await app.register(fastifyMiddie)

app.use('/slow', async (_, response) => {
  app.log.info('incoming request')
  await sleep(1_000)
  response.end('done')
})

await app.listen({ port: Number(process.env.PORT ?? 3000) })
