import { once } from 'node:events'
import { io } from 'socket.io-client'

/** Ten clients have sent a message that is not acknowledged yet. */
export async function drive({ app, shutDown }) {
  const port = await app.listens()
  const options = { transports: ['websocket'], reconnection: false }
  const clients = Array.from({ length: 10 }, () =>
    io(`http://127.0.0.1:${port}`, { ...options, forceNew: true })
  )
  await Promise.all(clients.map((client) => once(client, 'connect')))
  let acknowledged = 0
  for (const client of clients) client.emit('order', {}, () => acknowledged++)
  await app.wrote('an order comes', 10)
  await shutDown()
  for (const client of clients) client.disconnect()
  return { lost: 10 - acknowledged, of: 10 }
}
