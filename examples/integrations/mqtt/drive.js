import mqtt from 'mqtt'

/** Five messages are being handled when the signal comes. */
export async function drive({ app, shutDown, name }) {
  await app.listens()
  const client = await mqtt.connectAsync(process.env.MQTT_URL ?? 'mqtt://localhost')
  for (let id = 0; id < 5; id++) await client.publishAsync(name, String(id), { qos: 1 })
  await app.wrote('a message comes', 5)
  await shutDown()
  await client.endAsync()
  return { lost: 5 - (app.output.split('a message is handled').length - 1), of: 5 }
}
