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
// The drain waits for each message as for a request. A failed one goes back to the queue.
const consume = (message) =>
  app.lifecycle.track(charge(message), 'message').catch(() => channel.nack(message))
const { consumerTag } = await channel.consume(NAME, consume)

app.onShutdown('no more messages', { phase: 'lameDuck' }, () => channel.cancel(consumerTag))
// Closing the channel sends the last acknowledgements.
app.onShutdown('rabbitmq', async () => {
  await channel.close()
  await connection.close()
})

await app.listen({ port: Number(PORT) })
