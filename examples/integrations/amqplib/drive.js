import amqp from 'amqplib'

/** A message that was begun and not acknowledged is delivered again, to another consumer. */
export async function drive({ app, shutDown, name }) {
  await app.listens()
  const connection = await amqp.connect(process.env.AMQP_URL ?? 'amqp://localhost')
  const channel = await connection.createConfirmChannel()
  for (let id = 0; id < 10; id++) channel.sendToQueue(name, Buffer.from(String(id)))
  await channel.waitForConfirms()
  await app.wrote('a message comes', 5)
  await shutDown()
  const begun = app.output.split('a message comes').length - 1
  const { messageCount } = await channel.checkQueue(name)
  await channel.deleteQueue(name)
  await connection.close()
  return { lost: begun - (10 - messageCount), of: begun }
}
