import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'
import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import type { Report } from '../../../index.ts'
import { Exchange } from '../../../lib/connections/exchange.ts'
import { Http1 } from '../../../lib/connections/http1.ts'
import { QuietMoment } from '../../../lib/connections/quiet-moment.ts'
import { cleanup } from '../../support/cleanup.ts'
import { Wire } from '../../support/client.ts'
import { holdDrain, holdLameDuck, latch, listenTwice, makeApp, portOf } from '../../support/in-process.ts'
import { aLongTime } from '../../support/in-time.ts'

const here = { port: 0, host: '127.0.0.1' }

test('the report counts the connections that were open, by what is spoken on them', async (t) => {
  const app = await makeApp(t)
  app.get('/', async () => 'ok')
  const gone = latch()
  app.server.on('upgrade', (request, socket) => {
    const { upgrade } = request.headers
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${upgrade}\r\n\r\n`)
    socket
      .once('close', gone.open)
      .once('end', () => socket.end())
      .resume()
  })
  await app.listen(here)
  app.server.on('connect', (_request, socket) => socket.write('HTTP/1.1 200 Connected\r\n\r\n'))
  const protocols = ['', '', 'websocket', 'echo', 'echo']
  const wires = await Promise.all(protocols.map((protocol) => connect(portOf(app), protocol)))
  wires.at(-1)?.socket.destroy()
  await gone.opened
  const tunnel = new Wire(portOf(app))
  tunnel.send('CONNECT there:443 HTTP/1.1\nHost: there:443\n\n')
  await tunnel.receives('Connected')
  await app.close()
  assert.deepEqual(app.lifecycle.report?.connections, { http1: 2, http2: 0, websocket: 1, upgraded: 2 })
})

/** A connection that has spoken HTTP/1.1, and then goes on with another protocol, if one is named. */
async function connect(port: number, protocol: string, host?: string): Promise<Wire> {
  const wire = new Wire(port, host)
  wire.send('GET / HTTP/1.1\nHost: x\n\n')
  await wire.receives('ok')
  if (protocol === '') return wire
  wire.send(`GET / HTTP/1.1\nHost: x\nConnection: upgrade\nUpgrade: ${protocol}\n\n`)
  await wire.receives('101')
  return wire
}

test('an upgrade on the second address of localhost counts once, and is notified once', async (t) => {
  const app = await makeApp(t)
  app.get('/', async () => 'ok')
  app.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    socket.once('end', () => socket.end()).resume()
  })
  const { port, address } = await listenTwice(app)
  const wire = await connect(port, 'websocket', address)
  const closed = app.close()
  await wire.ended
  assert.equal(wire.received.split('service restart').length, 2)
  await closed
  assert.deepEqual(app.lifecycle.report?.connections, { http1: 0, http2: 0, websocket: 1, upgraded: 0 })
})

test('sessions of HTTP/2 count once, however many streams they have', async (t) => {
  const app = await makeApp(t, {}, { http2: true } as object)
  app.get('/', async () => 'ok')
  await app.listen(here)
  const session = http2.connect(`http://127.0.0.1:${portOf(app)}`)
  cleanup(t, () => session.destroy())
  for (let count = 0; count < 2; count++) await once(session.request({ ':path': '/' }), 'response')
  await app.close()
  assert.deepEqual(app.lifecycle.report?.connections, { http1: 0, http2: 1, websocket: 0, upgraded: 0 })
})

for (const [kind, head] of [
  ['made by CONNECT', 'CONNECT x:1 HTTP/1.1\nHost: x\n\n'],
  ['that was upgraded', 'GET / HTTP/1.1\nHost: x\nConnection: upgrade\nUpgrade: tunnel\n\n']
] as const) {
  test(`a tunnel ${kind} is ended politely: what its client still sends does not destroy the last word`, async (t) => {
    const app = await makeApp(t)
    const full = latch()
    const tunnel = (_request: unknown, socket: Duplex) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      // It reads nothing: what the client sends stays in the system, and would make it send a reset.
      socket.on('error', () => {})
      app.lifecycle.signal.addEventListener('abort', () => socket.write('bye'))
      full.open()
    }
    app.server.on('connect', tunnel).on('upgrade', tunnel)
    await app.listen(here)
    const wire = new Wire(portOf(app))
    wire.send(head)
    await full.opened
    wire.socket.write(Buffer.alloc(1_000_000))
    await wire.receives('200 OK')
    const closed = app.close()
    assert.equal(await wire.ended, 'end')
    assert.match(wire.received, /bye$/)
    await closed
  })
}

test('a connection that waits for its last response is left to end with it', async (t) => {
  const http1 = new Http1()
  const server = http.createServer((request, response) => {
    http1.retire(new Exchange(response))
    http1.end(request.socket)
    response.end('whole')
  })
  cleanup(t, () => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const wire = new Wire((server.address() as AddressInfo).port)
  wire.send('GET / HTTP/1.1\nHost: x\n\n')
  assert.equal(await wire.ended, 'end')
  assert.match(wire.received, /whole$/)
})

/** Has an upgrade to a WebSocket arrive, which `answer` may answer, and closes the app. */
async function closeInHandshake(
  app: FastifyInstance,
  answer: (request: IncomingMessage, socket: Duplex) => void
) {
  const asked = latch()
  app.server.on('upgrade', (request, socket) => {
    answer(request, socket)
    asked.open()
  })
  await app.listen(here)
  const wire = new Wire(portOf(app))
  wire.send('GET /chat?room=1 HTTP/1.1\nHost: x\nConnection: upgrade\nUpgrade: websocket\n\n')
  await asked.opened
  await app.close()
  await wire.ended
  return { wire, report: app.lifecycle.report as Report }
}

test('an upgrade that is never answered is cut when its time is up, and named', async (t) => {
  const app = await makeApp(t, { deadline: 60_000, drainTimeout: 100 })
  const { report } = await closeInHandshake(app, () => {})
  const { requests, exitCode } = report
  assert.deepEqual(
    requests.cut.map(({ id, method, route }) => [id, method, route]),
    [[null, 'GET', '/chat']]
  )
  assert.equal(exitCode, 1)
})

test('an upgrade whose handler answers when it learns that its time is up is not cut', async (t) => {
  const app = await makeApp(t, { deadline: 60_000, drainTimeout: 100 })
  const { wire, report } = await closeInHandshake(app, (request, socket) => {
    request.once('close', () => socket.end('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n'))
  })
  assert.match(wire.received, /^HTTP\/1\.1 408/)
  assert.deepEqual([report.requests.cut, report.exitCode], [[], 0])
})

test('a WebSocket that comes while the others are notified is notified, too', async (t) => {
  const app = await makeApp(t)
  app.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    socket.once('end', () => socket.end()).resume()
  })
  await holdDrain(t, app)
  const wire = new Wire(portOf(app))
  wire.send('GET / HTTP/1.1\nHost: x\nConnection: upgrade\nUpgrade: websocket\n\n')
  await wire.receives('service restart')
  wire.socket.destroy()
})

test('no request is expected on a connection that has left HTTP', async (t) => {
  for (const isBefore of [true, false]) {
    const app = await makeApp(t, { deadline: 60_000 })
    app.server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n')
      socket.once('end', () => socket.end()).resume()
    })
    const upgrade = async () => {
      const wire = new Wire(portOf(app))
      wire.send('GET / HTTP/1.1\nHost: x\nConnection: upgrade\nUpgrade: echo\n\n')
      await wire.receives('101')
    }
    const expected = t.mock.method(QuietMoment.prototype, 'used').mock
    if (isBefore) {
      await app.listen(here)
      await upgrade()
      await app.lifecycle.shutdown()
      assert.equal(expected.callCount(), 0)
    } else {
      const { release, done } = await holdLameDuck(app)
      const heard = t.mock.method(QuietMoment.prototype, 'request').mock
      await upgrade()
      assert.deepEqual(
        heard.calls.map(({ arguments: [, isLast] }) => isLast),
        [true]
      )
      release()
      await done
    }
    t.mock.restoreAll()
  }
})

test('a WebSocket that a test has injected is left to its owner', async (t) => {
  const app = await makeApp(t, { drainTimeout: aLongTime / 2 })
  await app.register(websocket)
  app.get('/', { websocket: true }, () => {})
  await app.ready()
  await app.injectWS('/')
  await app.close()
  const { requests, exitCode, duration } = app.lifecycle.report as Report
  assert.deepEqual([requests.cut, exitCode], [[], 0])
  assert.ok(duration < aLongTime / 2, `${duration} ms`)
})
