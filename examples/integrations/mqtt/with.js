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
// The broker hears that a message has arrived, not that it was handled: what is cut here is gone. The drain waits for it.
client.on('message', () => void app.lifecycle.track(handle, 'message'))
await client.subscribeAsync(NAME, { qos: 1 })

app.onShutdown('no more messages', { phase: 'lameDuck' }, () => client.unsubscribeAsync(NAME))
app.onShutdown('mqtt', () => client.endAsync())

await app.listen({ port: Number(PORT) })
