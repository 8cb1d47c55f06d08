import { setTimeout as sleep } from 'node:timers/promises'
import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)
await app.register(websocket)

app.get('/orders', { websocket: true }, (socket) => {
  socket.on('message', (order) => {
    app.log.info('an order comes')
    void answer(socket, order)
  })
})

async function answer(socket, order) {
  await sleep(1_000)
  socket.send(`saved: ${order}`)
}

await app.listen({ port: Number(process.env.PORT ?? 3000) })
