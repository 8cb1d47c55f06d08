import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A port on which nobody listens now. It is outside of the range from which the system takes ports for clients.
 * Otherwise the system might use the port before the app listens.
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
