import { setTimeout as sleep } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { sdk } from './instrument.js'

const app = Fastify({ logger: true })
await app.register(lifecycle)
// Registered before every other hook, so it runs after them, and their spans are sent too.
app.onShutdown('telemetry', () => sdk.shutdown())

app.get('/slow', () =>
  trace.getTracer('orders').startActiveSpan('slow', async (span) => {
    await sleep(1_000)
    span.end()
    return 'done'
  })
)

await app.listen({ port: Number(process.env.PORT ?? 3000) })
