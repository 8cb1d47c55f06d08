import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A port on which nobody listens now. It is not one of the ports that the system gives to clients, because it
 * may do so before the app listens.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    const server = createServer().listen(port, '0.0.0.0')
    const listens = await once(server, 'listening').then(
      () => true,
      () => false
    )
    if (!listens) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
