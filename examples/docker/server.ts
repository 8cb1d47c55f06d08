import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { options } from './options.ts'

const app = Fastify({ logger: true })
await app.register(lifecycle, options)

app.onShutdown('db', ({ log }) => log.info('the pool has ended'))

app.get('/slow', async () => {
  await sleep(500)
  return { answered: 'to the last byte' }
})

await app.listen({ port: Number(process.env['PORT'] ?? 3_000), host: '0.0.0.0' })
