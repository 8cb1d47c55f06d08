import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@nats-io/transport-node'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const { PORT = 3000, NAME = 'orders', NATS_URL = 'localhost:4222' } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

async function answer(message) {
  app.log.info('a message comes')
  await sleep(1_000)
  message.respond('done')
}

const connection = await connect({ servers: NATS_URL })
connection.subscribe(NAME, { callback: (_, message) => void answer(message) })

await app.listen({ port: Number(PORT) })
