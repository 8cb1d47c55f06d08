import { setTimeout as sleep } from 'node:timers/promises'
import { hold } from './held.js'
import { tell } from './tell.js'

const arrived = (request) => tell({ arrived: request.url })
const eightMebibytes = Buffer.alloc(8 * 1024 * 1024, 'x')

/** One route for each way in which a request can behave. */
export function addRoutes(app) {
  app.get('/', async () => ({ ok: true }))

  app.get('/slow/:ms', async (request) => {
    arrived(request)
    await sleep(Number(request.params.ms))
    return { ok: true }
  })

  // The same without a word to the parent: for hundreds at once.
  app.get('/quiet/:ms', async (request) => {
    await sleep(Number(request.params.ms))
    return { ok: true }
  })

  app.get('/held', async () => {
    await hold()
    return { ok: true }
  })

  app.post('/quiet/:ms', async (request) => {
    await sleep(Number(request.params.ms))
    return { received: request.body }
  })

  app.get('/hung', (request) => {
    arrived(request)
    return new Promise(() => {})
  })

  app.get('/until-aborted', async (request) => {
    arrived(request)
    await new Promise((resolve) => request.signal.addEventListener('abort', resolve))
    return { ok: true }
  })

  app.get('/block/:ms', (request) => {
    arrived(request)
    setTimeout(() => {
      for (;;);
    }, Number(request.params.ms))
    return new Promise(() => {})
  })

  app.get('/big', async (request) => {
    arrived(request)
    return eightMebibytes
  })

  app.post('/upload', { onRequest: async (request) => arrived(request) }, async (request) => ({
    received: request.body.length
  }))

  // Only fastify-lifecycle reads this config: a line that its documentation asks for.
  app.get('/events', { config: { lifecycle: { longLived: true } } }, (request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.write('data: one\n\n')
    arrived(request)
  })

  app.register(async (child) => {
    if (!child.hasDecorator('injectWS')) return
    child.get('/socket', { websocket: true }, (_socket, request) => arrived(request))
  })
}
