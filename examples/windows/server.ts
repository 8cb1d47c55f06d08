import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })

await app.register(lifecycle, {
  // Ctrl-C, Ctrl-Break, the console is closed; SIGTERM for the same program elsewhere.
  signals: ['SIGINT', 'SIGBREAK', 'SIGHUP', 'SIGTERM'],
  deadline: 4_500 // Windows ends a process 5 s after its console was closed
})

// What another process can send, where there are no signals: PM2, or a service that started this one.
process.on('message', (message) => {
  if (message === 'shutdown') app.lifecycle.shutdown('told by a message')
})

app.get('/slow', async () => {
  await sleep(500)
  return { answered: 'to the last byte' }
})

await app.listen({ port: Number(process.env['PORT'] ?? 3_000) })
