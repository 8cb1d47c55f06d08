import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import grpc from '@grpc/grpc-js'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { orders } from '../shared/orders.js'

const app = Fastify({ logger: true })
await app.register(lifecycle)

const server = new grpc.Server()
server.addService(orders, {
  async slow(_, callback) {
    app.log.info('a call comes')
    await sleep(1_000)
    callback(null, { done: true })
  }
})
const bind = promisify(server.bindAsync.bind(server))
const port = await bind('127.0.0.1:0', grpc.ServerCredentials.createInsecure())
app.log.info(`gRPC listening at http://127.0.0.1:${port}`)

await app.listen({ port: Number(process.env.PORT ?? 3000) })
