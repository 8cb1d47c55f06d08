import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)

async function* tokens() {
  for (let token = 0; token < 60; token++) {
    await sleep(200)
    yield `data: ${token}\n\n`
  }
  yield 'data: [DONE]\n\n'
}

app.get('/chat', (_, reply) => reply.type('text/event-stream').send(Readable.from(tokens())))

await app.listen({ port: Number(process.env.PORT ?? 3000) })
