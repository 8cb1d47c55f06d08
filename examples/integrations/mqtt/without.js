import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import mqtt from 'mqtt'

const { PORT = 3000, NAME = 'orders', MQTT_URL = 'mqtt://localhost' } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

async function handle() {
  app.log.info('a message comes')
  await sleep(1_000)
  app.log.info('a message is handled')
}

const client = await mqtt.connectAsync(MQTT_URL)
client.on('message', () => void handle())
await client.subscribeAsync(NAME, { qos: 1 })

await app.listen({ port: Number(PORT) })
