import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
// An answer takes 12 s at most. The platform must wait longer than `deadline`: in Kubernetes a
// terminationGracePeriodSeconds of 25.
await app.register(lifecycle, { deadline: 20_000, drainTimeout: 15_000 })

async function* tokens() {
  for (let token = 0; token < 60; token++) {
    await sleep(200)
    yield `data: ${token}\n\n`
  }
  yield 'data: [DONE]\n\n'
}

// Not `longLived`: an answer is finite, and half of one is worth nothing.
app.get('/chat', (_, reply) => reply.type('text/event-stream').send(Readable.from(tokens())))

await app.listen({ port: Number(process.env.PORT ?? 3000) })
