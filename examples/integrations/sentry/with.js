import { setTimeout as sleep } from 'node:timers/promises'
import * as Sentry from '@sentry/node'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)
Sentry.setupFastifyErrorHandler(app)
// Registered before every other hook, so it runs after them, and their errors are sent too.
app.onShutdown('telemetry', () => Sentry.close(2_000))

app.get('/slow', async (request) => {
  await sleep(1_000)
  throw new Error(`no such order: ${request.id}`)
})

await app.listen({ port: Number(process.env.PORT ?? 3000) })
