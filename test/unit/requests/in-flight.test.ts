import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, type TestContext, test } from 'node:test'
import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import WebSocket from 'ws'
import { isAnswering, wasUsedWithin } from '../../../lib/connections/exchange.ts'
import { InFlight } from '../../../lib/requests/in-flight.ts'
import { lifeOf } from '../../../testing/app.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request, Wire } from '../../support/client.ts'
import { latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'
import { aLongTime } from '../../support/in-time.ts'

/** Resolves when the app has that many requests in flight. */
async function inFlight(app: FastifyInstance, count: number): Promise<void> {
  const end = performance.now() + aLongTime
  while (app.lifecycle.inFlight !== count && performance.now() < end) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal(app.lifecycle.inFlight, count)
}

describe('inFlight', () => {
  test('counts a request until its answer is out', async (t) => {
    const app = await makeApp(t)
    const held = latch()
    app.get('/', async () => {
      await held.opened
      return 'done'
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    assert.equal(app.lifecycle.inFlight, 0)
    const answers = [request(portOf(app), '/'), request(portOf(app), '/')]
    await inFlight(app, 2)
    held.open()
    await Promise.all(answers)
    await inFlight(app, 0)
  })

  test('counts streamed, hijacked, failing and refused requests down once', async (t) => {
    const app = await makeApp(t)
    const stream = new PassThrough()
    app.get('/streamed', (_request, reply) => reply.send(stream))
    app.get('/hijacked', (_request, reply) => {
      reply.hijack()
      reply.raw.end('mine')
    })
    app.get('/failing', async () => {
      throw new Error('failed')
    })
    app.post('/json', async () => 'parsed')
    await app.listen({ port: 0, host: '127.0.0.1' })
    const port = portOf(app)

    const streamed = request(port, '/streamed')
    await inFlight(app, 1)
    const statuses = await Promise.all([
      request(port, '/hijacked'),
      request(port, '/failing'),
      request(port, '/nowhere'),
      request(port, '/json', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } })
    ])
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [200, 500, 404, 400]
    )
    await inFlight(app, 1)
    stream.end('all of it')
    assert.equal((await streamed).body, 'all of it')
    await inFlight(app, 0)
  })

  test('counts a client that went away down when its handler is done, and a response that failed at once', async (t) => {
    const app = await makeApp(t)
    const broken = new PassThrough()
    const done = latch()
    app.get('/hung', () => done.opened)
    app.get('/broken', (_request, reply) => reply.send(broken))
    await app.listen({ port: 0, host: '127.0.0.1' })
    const gone = new Wire(portOf(app))
    gone.send('GET /hung HTTP/1.1\nHost: x\n\n')
    const cut = request(portOf(app), '/broken')
    cut.catch(() => {})
    broken.write('the first of two')
    await inFlight(app, 2)
    gone.socket.destroy()
    broken.destroy(new Error('no second'))
    await assert.rejects(cut)
    await inFlight(app, 1)
    done.open()
    await inFlight(app, 0)
  })

  test('counts pipelined requests down whose turn never came', async (t) => {
    const app = await makeApp(t)
    const done = latch()
    app.get('/hung', () => done.opened)
    app.get('/', async () => 'done')
    await app.listen({ port: 0, host: '127.0.0.1' })
    const wire = new Wire(portOf(app))
    wire.send('GET /hung HTTP/1.1\nHost: x\n\nGET / HTTP/1.1\nHost: x\n\nGET /hung HTTP/1.1\nHost: x\n\n')
    await inFlight(app, 3)
    wire.socket.destroy()
    await inFlight(app, 2)
    done.open()
    await inFlight(app, 0)
    const pipelined = new Wire(portOf(app))
    pipelined.send('GET / HTTP/1.1\nHost: x\n\nGET / HTTP/1.1\nHost: x\n\n')
    await pipelined.receives('done')
    await inFlight(app, 0)
    pipelined.socket.destroy()
  })

  test('is the same in every phase, and 0 when the closing hooks run', async (t) => {
    const app = await makeApp(t)
    const held = latch()
    const seen: number[] = []
    const seenAtItsClose: number[] = []
    app.get('/', async (_request, reply) => {
      reply.raw.once('close', () => seenAtItsClose.push(app.lifecycle.inFlight))
      await held.opened
    })
    for (const phase of ['lameDuck', 'draining', 'closing'] as const) {
      app.onShutdown(phase, { phase }, () => {
        seen.push(app.lifecycle.inFlight)
        if (phase === 'draining') held.open()
      })
    }
    await app.listen({ port: 0, host: '127.0.0.1' })
    const answer = request(portOf(app), '/')
    await inFlight(app, 1)
    await app.close()
    assert.equal((await answer).status, 200)
    assert.deepEqual(seen, [1, 1, 0])
    assert.deepEqual(seenAtItsClose, [0])
    assert.equal(app.lifecycle.report?.requests.inFlight, 1)
  })
})

test('requests from before the shutdown are separate from those that came after, oldest first', async (t) => {
  const app = await makeApp(t)
  const held = latch()
  app.get('/:name', async () => held.opened)
  await app.listen({ port: 0, host: '127.0.0.1' })
  // The pipelined one is followed from its arrival on, the others when the shutdown begins.
  const wire = new Wire(portOf(app))
  wire.send('GET /first HTTP/1.1\nHost: x\n\nGET /second HTTP/1.1\nHost: x\n\n')
  await inFlight(app, 2)
  const third = request(portOf(app), '/third')
  await inFlight(app, 3)
  const { flight } = lifeOf(app).traffic
  app.onShutdown('lameDuck', { phase: 'lameDuck' }, () => {
    assert.deepEqual(
      [...flight].map(({ request }) => request.url),
      ['/first', '/second', '/third']
    )
    assert.deepEqual(
      flight.first(2).map(({ request }) => request.url),
      ['/first', '/second']
    )
    assert.equal(flight.count, 3)
    held.open()
  })
  await app.close()
  assert.equal((await third).status, 200)
  assert.deepEqual(app.lifecycle.report?.requests, {
    inFlight: 3,
    completed: 3,
    rejected: 0,
    aborted: 0,
    cut: [],
    cutCount: 0,
    left: [],
    leftCount: 0
  })
  assert.equal(flight.count, 0)
})

test('what another server hands over is in flight, too', async (t) => {
  const app = await makeApp(t)
  const held = latch()
  app.get('/', async () => held.opened)
  await app.ready()
  const server = http.createServer((request, response) => app.server.emit('request', request, response))
  cleanup(t, () => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const answer = request((server.address() as AddressInfo).port, '/')
  await inFlight(app, 1)
  const closed = app.close()
  await phaseOf(app, 'draining')
  assert.equal(app.lifecycle.inFlight, 1)
  held.open()
  assert.equal((await answer).status, 200)
  await closed
  assert.equal(app.lifecycle.report?.requests.completed, 1)
})

for (const [protocol, createServer, clientOf] of [
  ['HTTP/1.1', http.createServer, getBy],
  ['HTTP/2', http2.createServer, getByHttp2]
] as const) {
  test(`what another server passes on by \`app.routing\` is in flight, and is rejected in the drain, over ${protocol}`, async (t) => {
    const app = await makeApp(t)
    const [asked, held] = [latch(), latch()]
    app.get('/', async () => {
      asked.open()
      await held.opened
    })
    await app.ready()
    const server = (createServer as typeof http.createServer)((request, response) =>
      app.routing(request, response)
    )
    cleanup(t, () => server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const answer = clientOf(t, port)
    await asked.opened
    assert.equal(app.lifecycle.inFlight, 1)
    const closed = app.close()
    await phaseOf(app, 'draining')
    assert.equal(await clientOf(t, port), 503)
    assert.equal(app.lifecycle.phase, 'draining')
    held.open()
    assert.equal(await answer, 200)
    await closed
    const { completed, rejected, cut } = app.lifecycle.report?.requests ?? {}
    assert.deepEqual([completed, rejected, cut], [1, 1, []])
  })
}

test('a WebSocket that is open is not in flight, and its end is not the end of a request', async (t) => {
  const app = await makeApp(t)
  await app.register(websocket)
  const opened = latch()
  app.register(async (child) => {
    child.get('/', { websocket: true }, opened.open)
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = new WebSocket(`ws://127.0.0.1:${portOf(app)}/`)
  const closed = once(socket, 'close')
  await opened.opened
  assert.equal(app.lifecycle.inFlight, 0)
  await app.close()
  assert.equal((await closed)[0], 1012)
  const { inFlight: inFlightAtStart, completed, aborted } = app.lifecycle.report?.requests ?? {}
  assert.deepEqual([inFlightAtStart, completed, aborted], [0, 0, 0])
})

async function getBy(_t: TestContext, port: number): Promise<number> {
  return (await request(port, '/')).status
}

async function getByHttp2(t: TestContext, port: number): Promise<number> {
  const session = http2.connect(`http://127.0.0.1:${port}`).on('error', () => {})
  cleanup(t, () => session.destroy())
  const stream = session.request({ ':path': '/' }).resume()
  const [headers] = await once(stream, 'response')
  return headers[':status']
}

test('a response whose turn never came, and that closes later, is in flight until its handler is done', () => {
  const flight = new InFlight(() => [])
  flight.followAll()
  const left: unknown[] = []
  flight.onDeparture = ({ response }) => left.push(response)
  const socket = {} as Socket
  const response = new http.ServerResponse({ httpVersionMajor: 1, method: 'GET', socket } as IncomingMessage)
  flight.add(response.req, response, {})
  flight.connectionClosed(socket)
  response.emit('close')
  assert.deepEqual([flight.count, left], [1, []])
  response.end()
  assert.deepEqual([flight.count, left], [0, [response]])
})

test('a response that closes twice leaves once', () => {
  const server = {}
  const aRequest = { httpVersionMajor: 1, socket: { server } } as unknown as IncomingMessage
  const connections: object[] = []
  const flight = new InFlight(() => connections)
  const left: unknown[] = []
  flight.onDeparture = ({ response }) => left.push(response)
  const [one, other] = [aResponse(), aResponse()]
  for (const response of [one, other]) {
    flight.add(aRequest, response, server)
    connections.push({ _httpMessage: response })
  }
  flight.followAll()
  one.emit('close')
  one.emit('close')
  assert.equal(flight.count, 1)
  assert.deepEqual(left, [one])
})

test('what Node.js answers by itself is not in flight', () => {
  const flight = new InFlight(() => [{ _httpMessage: aResponse() }, { _httpMessage: null }, {}])
  assert.equal(flight.count, 0)
  flight.followAll()
  assert.equal(flight.count, 0)
})

test('a connection was used lately if its last request came so long ago, and is answered', () => {
  const flight = new InFlight(() => [])
  const server = {}
  const response = aResponse()
  const socket = { server, _httpMessage: response as object | null } as unknown as Socket
  assert.equal(wasUsedWithin(socket, 60_000), false)
  flight.add({ httpVersionMajor: 1, socket } as IncomingMessage, response, server)
  assert.equal(wasUsedWithin(socket, 60_000), false)
  Object.assign(socket, { _httpMessage: null })
  assert.equal(wasUsedWithin(socket, 60_000), true)
  assert.equal(wasUsedWithin(socket, -1), false)
})

test('a socket that does not tell what is answered on it counts as in use, and its request is followed', () => {
  const flight = new InFlight(() => [])
  const server = {}
  const socket = { server, renamed: {} } as unknown as Socket
  const response = aResponse()
  flight.add({ httpVersionMajor: 1, socket } as IncomingMessage, response, server)
  assert.equal(flight.count, 1)
  assert.equal(isAnswering(socket), true)
  response.emit('close')
  assert.equal(flight.count, 0)
})

function aResponse(): ServerResponse {
  const response = { socket: {}, writableEnded: true, req: { socket: {} } }
  return Object.assign(new EventEmitter(), response) as unknown as ServerResponse
}

test('the answers to pipelined requests all arrive, also when the first was begun before the drain', async (t) => {
  const app = await makeApp(t)
  const [first, second] = [latch(), latch()]
  app.get('/streamed', (_request, reply) => {
    reply.hijack()
    reply.raw.write('begun, ')
    void first.opened.then(() => reply.raw.end('ended; '))
  })
  app.get('/second', async () => {
    await second.opened
    return 'second'
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const wire = new Wire(portOf(app))
  wire.send('GET /streamed HTTP/1.1\nHost: x\n\nGET /second HTTP/1.1\nHost: x\n\n')
  await wire.receives('begun')
  const closed = app.close()
  await phaseOf(app, 'draining')
  first.open()
  await wire.receives('ended')
  second.open()
  assert.equal(await wire.ended, 'end')
  assert.match(wire.received, /ended; [\s\S]*second$/)
  await closed
})

describe('what a connection costs', () => {
  /** How often the pipelined requests of all connections are looked at when one of so many closes. */
  function looksAt(connections: number): number {
    let looks = 0
    const server = {}
    const flight = new InFlight(() => [])
    const sockets = Array.from(
      { length: connections },
      () => ({ server, _httpMessage: null }) as unknown as Socket
    )
    for (const socket of sockets) {
      for (let count = 0; count < 10; count++) {
        const request = { httpVersionMajor: 1, socket } as IncomingMessage
        const response = { req: request, prependListener() {}, writableEnded: true }
        const read = () => {
          looks++
          return null
        }
        Object.defineProperty(response, 'socket', { get: read })
        flight.add(request, response as unknown as ServerResponse, server)
      }
    }
    const before = looks
    flight.connectionClosed(sockets[0] as Socket)
    assert.equal(flight.count, 10 * (connections - 1))
    flight.connectionClosed(sockets[0] as Socket)
    assert.equal(flight.count, 10 * (connections - 1))
    return looks - before
  }

  test('when it closes does not depend on how many others there are', () => {
    assert.deepEqual([looksAt(1), looksAt(100)], [10, 10])
  })
})
