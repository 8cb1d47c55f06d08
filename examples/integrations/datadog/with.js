import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import tracer from './instrument.js'

const app = Fastify({ logger: true })
await app.register(lifecycle)
// dd-trace sends its last spans at 'beforeExit', which does not come before `process.exit()`. It has no `flush()` of
// its own. Registered before every other hook, so it runs after them.
app.onShutdown('telemetry', async () => {
  process.emit('beforeExit', 0)
  await sleep(500)
})

app.get('/slow', () => tracer.trace('slow', () => sleep(1_000, 'done')))

await app.listen({ port: Number(process.env.PORT ?? 3000) })
