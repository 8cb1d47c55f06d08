import grpc from '@grpc/grpc-js'
import { orders } from '../shared/orders.js'

/** Five calls are under way when the signal comes. */
export async function drive({ app, shutDown }) {
  await app.listens()
  const [, port] = await app.prints(/gRPC listening at http:\/\/127\.0\.0\.1:(\d+)/)
  const Client = grpc.makeGenericClientConstructor(orders, 'Orders')
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
  const call = () => new Promise((resolve) => client.slow({}, (error) => resolve(error === null)))
  const calls = Array.from({ length: 5 }, call)
  await app.wrote('a call comes', 5)
  await shutDown()
  const lost = (await Promise.all(calls)).filter((isDone) => !isDone).length
  client.close()
  return { lost, of: 5 }
}
