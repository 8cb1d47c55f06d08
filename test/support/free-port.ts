import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/**
 * For programs that are told where to listen. Not one of those that the system gives to whoever connects,
 * because it may do so before the program listens.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(10_000 + Math.floor(Math.random() * 20_000), '0.0.0.0')
    const listens = await once(server, 'listening').then(
      () => true,
      () => false
    )
    if (!listens) continue
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    return port
  }
}
