import { connect } from '@nats-io/transport-node'

/** Five requests over NATS wait for their answers when the signal comes. */
export async function drive({ app, shutDown, name }) {
  await app.listens()
  const connection = await connect({ servers: process.env.NATS_URL ?? 'localhost:4222' })
  const ask = () =>
    connection.request(name, 'order', { timeout: 8_000 }).then(
      () => true,
      () => false
    )
  const answers = Array.from({ length: 5 }, ask)
  await app.wrote('a message comes', 5)
  await shutDown()
  const lost = (await Promise.all(answers)).filter((isThere) => !isThere).length
  await connection.close()
  return { lost, of: 5 }
}
