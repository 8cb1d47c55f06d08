import { once } from 'node:events'
import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import WebSocket from 'ws'

const app = Fastify()
await app.register(lifecycle, { lameDuck: 100 })
await app.register(websocket)

app.get('/chat', { websocket: true }, (socket) => {
  // A last word of your own, as soon as the shutdown begins. The close frame comes by itself.
  const sayGoodbye = () => socket.send('this server restarts soon')
  if (app.lifecycle.signal.aborted) sayGoodbye()
  else app.lifecycle.signal.addEventListener('abort', sayGoodbye)
  socket.on('close', () => app.lifecycle.signal.removeEventListener('abort', sayGoodbye))
})

const address = await app.listen({ port: 0, host: '127.0.0.1' })
const client = new WebSocket(`${address.replace('http', 'ws')}/chat`)
client.on('message', (text) => console.log(`the client was told: ${text}`))
const isClosed = once(client, 'close').then(([code, reason]) => {
  console.log(`and its connection was closed with code ${code} '${reason}'`)
})
// Only because this client is in the same process, which would exit before it has printed.
app.onShutdown('client', () => isClosed)
await once(client, 'open')
process.kill(process.pid, 'SIGTERM')
