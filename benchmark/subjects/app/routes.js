import { setTimeout as sleep } from 'node:timers/promises'
import { hold } from './held.js'
import { setup } from './setup.js'
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

  // Answers although its client may have gone: an order that is charged is also written down.
  app.get('/work/:ms', async (request) => {
    arrived(request)
    await sleep(Number(request.params.ms))
    tell({ worked: true })
    return { ok: true }
  })

  // A hook of the app, before any handler, that takes its time.
  app.get('/late', { onRequest: () => sleep(600) }, async () => ({ ok: true }))

  // Its body has no length and never ends.
  app.get('/csv', (request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/csv' })
    reply.raw.write('one,two\n')
    arrived(request)
  })

  const open = { '/events': new Set(), '/stream': new Set() }
  // Only fastify-lifecycle reads this config: a line that its documentation asks for.
  app.get('/events', { config: { lifecycle: { longLived: true } } }, stream)
  app.get('/stream', stream)
  // With the others a stream is ended by hand, where Fastify's documentation says so; `/stream` is with all.
  app.addHook('preClose', async () => {
    const ended = setup.byHand ? [...open['/events'], ...open['/stream']] : open['/stream']
    for (const response of ended) response.end()
  })

  function stream(request, reply) {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.write('data: one\n\n')
    open[request.url].add(reply.raw)
    arrived(request)
  }

  app.register(async (child) => {
    if (!child.hasDecorator('injectWS')) return
    child.get('/socket', { websocket: true }, (_socket, request) => arrived(request))
  })
}
