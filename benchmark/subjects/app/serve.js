import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import { calls } from './calls.js'
import { cleanup } from './cleanup.js'
import { addRoutes } from './routes.js'
import { setup } from './setup.js'
import { tell } from './tell.js'

// One subject in a process of its own: node serve.js <subject> <setup as JSON>

const loading = performance.now()
const subject = await import(`../attach/${process.argv[2]}.js`)
const load = performance.now() - loading

const logging = setup.log ? await import('./logging.js') : undefined
const options = { http2: setup.transport === 'h2c', logger: logging?.default ?? false }
const apps = []
for (let count = 0; count < setup.apps; count++) {
  const port = count === 0 ? setup.port : 0
  apps.push(await (subject.start === undefined ? attached(port) : started(port)))
}

process.on('message', async ({ call, ...what }) => {
  tell({ called: call, value: await calls[call](apps[0].app, what) })
})
process.on('disconnect', () => process.exit())
// The parent's ear alone does not keep an app alive that has nothing else to do.
process.channel?.unref()

const [first] = apps
tell({
  listening: {
    port: first.port,
    ports: apps.map(({ port }) => port),
    logFile: logging?.logFile,
    took: { load, attach: first.attach },
    probes: { port: first.port, ready: '/readyz', live: '/livez', ...first.probes }
  }
})

async function attached(port) {
  const app = Fastify(options)
  if (setup.websocket) await app.register(websocket)
  const attaching = performance.now()
  const { probes, listening, listen } = await subject.attach(app, {
    deadline: setup.deadline,
    lameDuck: setup.lameDuck,
    handOver: setup.handOver,
    stall: setup.stall,
    cleanup: () => cleanup(app)
  })
  const attach = performance.now() - attaching
  addRoutes(app)
  await (listen ?? ((where) => app.listen(where)))({ port, host: setup.host })
  listening?.()
  return { app, port: app.server.address().port, probes, attach }
}

/** For those that make the app themselves. */
async function started(port) {
  const starting = performance.now()
  const { deadline, lameDuck, host } = setup
  const app = await subject.start({ port, host, options, deadline, lameDuck, fill })
  return { app, port: app.server.address().port, attach: performance.now() - starting }
}

async function fill(app) {
  if (setup.websocket) await app.register(websocket)
  app.addHook('onClose', () => cleanup(app))
  addRoutes(app)
}
