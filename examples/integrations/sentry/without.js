import { setTimeout as sleep } from 'node:timers/promises'
import * as Sentry from '@sentry/node'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)
Sentry.setupFastifyErrorHandler(app)

app.get('/slow', async (request) => {
  await sleep(1_000)
  throw new Error(`no such order: ${request.id}`)
})

await app.listen({ port: Number(process.env.PORT ?? 3000) })
