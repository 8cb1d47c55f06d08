import { setTimeout as sleep } from 'node:timers/promises'
import amqp from 'amqplib'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const { PORT = 3000, NAME = 'orders', AMQP_URL = 'amqp://localhost' } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

async function charge(message) {
  app.log.info('a message comes')
  await sleep(1_000)
  channel.ack(message)
}

const connection = await amqp.connect(AMQP_URL)
const channel = await connection.createChannel()
await channel.assertQueue(NAME)
await channel.prefetch(5)
await channel.consume(NAME, charge)

await app.listen({ port: Number(PORT) })
