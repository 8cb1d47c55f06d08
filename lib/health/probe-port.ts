import { createServer, type Server } from 'node:http'
import { FST_LIFECYCLE_PROBE_PORT } from '../errors.ts'
import type { ProbeResponder } from './probe-responder.ts'

/**
 * Answers the probes on their own port, from the registration to the end of the shutdown, also while the
 * closing hooks run. The port never keeps the process alive.
 */
export async function listenForProbes(
  respond: ProbeResponder,
  port: number,
  host: string | undefined
): Promise<Server> {
  const server = createServer((request, response) => {
    if (!respond(request, response, atOnce)) response.writeHead(404).end()
  })
  server.on('connection', (socket) => socket.unref())
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const where = `${host ?? 'all addresses'}, port ${port}`
      reject(Object.assign(new FST_LIFECYCLE_PROBE_PORT(where, error.message), { cause: error }))
    })
    server.listen(port, host, resolve)
  })
  return server.unref()
}

function atOnce(act: () => void): void {
  act()
}
