import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { Server } from 'socket.io'

const app = Fastify({ logger: true })
await app.register(lifecycle)

const io = new Server(app.server)
io.on('connection', (socket) => {
  socket.on('order', (order, acknowledge) => {
    app.log.info('an order comes')
    // The close frame of this connection waits for the work, so the answer arrives first.
    const request = { raw: socket.request }
    void app.lifecycle.track(save(order).then(acknowledge), { name: 'order', request })
  })
})

async function save(order) {
  await sleep(1_000)
  return order
}

await app.listen({ port: Number(process.env.PORT ?? 3000) })
