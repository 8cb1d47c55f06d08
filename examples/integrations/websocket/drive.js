import { once } from 'node:events'
import WebSocket from 'ws'

/** Ten clients have sent a message that is not answered yet. */
export async function drive({ app, shutDown }) {
  const port = await app.listens()
  const clients = Array.from({ length: 10 }, () => new WebSocket(`ws://127.0.0.1:${port}/orders`))
  await Promise.all(clients.map((client) => once(client, 'open')))
  let answered = 0
  for (const client of clients) client.on('message', () => answered++).on('error', () => {})
  for (const client of clients) client.send('book')
  await app.wrote('an order comes', 10)
  await shutDown()
  return { lost: 10 - answered, of: 10 }
}
