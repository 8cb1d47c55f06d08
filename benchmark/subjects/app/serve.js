import { tmpdir } from 'node:os'
import { join } from 'node:path'
import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import pino from 'pino'
import { calls } from './calls.js'
import { cleanup } from './cleanup.js'
import { addRoutes } from './routes.js'
import { setup } from './setup.js'
import { tell } from './tell.js'

// One subject in a process of its own: node serve.js <subject> <setup as JSON>

const loading = performance.now()
const { attach } = await import(`../attach/${process.argv[2]}.js`)
const load = performance.now() - loading

const logFile = join(tmpdir(), `compare-${process.pid}.log`)
const apps = []
for (let count = 0; count < setup.apps; count++) apps.push(await start(count === 0 ? setup.port : 0))

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
    logFile,
    took: { load, attach: first.attach },
    probes: { port: first.port, ready: '/readyz', live: '/livez', ...first.probes }
  }
})

async function start(port) {
  const app = Fastify({ http2: setup.transport === 'h2c', ...logging() })
  if (setup.websocket) await app.register(websocket)
  const attaching = performance.now()
  const { probes, listening } = await attach(app, {
    deadline: setup.deadline,
    lameDuck: setup.lameDuck,
    stall: setup.stall,
    cleanup: () => cleanup(app)
  })
  const attached = performance.now() - attaching
  addRoutes(app)
  await app.listen({ port, host: setup.host })
  listening?.()
  return { app, port: app.server.address().port, probes, attach: attached }
}

function logging() {
  if (!setup.log) return { logger: false }
  return { loggerInstance: pino(pino.destination({ dest: logFile, sync: false, minLength: 4_096 })) }
}
