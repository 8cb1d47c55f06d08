import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)
app.get('/slow', () => sleep(700, 'done'))
app.get('/busy', () => {
  const end = Date.now() + 700
  while (Date.now() < end);
  return 'done'
})
await app.listen({ port: Number(process.env.PORT ?? 3000) })
