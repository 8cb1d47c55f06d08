import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import cli from 'fastify-cli/start.js'
import { probes } from '../app/probes.js'

const here = fileURLToPath(import.meta.url)

/** `fastify start` with its own close-with-grace, whose delay is 500 ms if nobody sets it. It makes the app, and cannot wait. */
export async function start({ port, host, options, deadline, lameDuck, fill }) {
  if (lameDuck > 0) throw new Error('fastify-cli closes at once: it has no option to wait')
  const plugin = async (app) => {
    probes(app)
    await fill(app)
  }
  const { logger, ...others } = options
  const args = [
    '--port',
    String(port || (await freePort())),
    '--address',
    host,
    '--close-grace-delay',
    String(deadline)
  ]
  args.push('--log-level', logger ? 'info' : 'silent', here)
  if (logger) args.unshift('--logging-module', fileURLToPath(new URL('../app/logging.js', import.meta.url)))
  return cli.runFastify(args, undefined, others, plugin)
}

/** It takes port 0 for none at all, and listens on 3000. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
