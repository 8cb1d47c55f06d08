import { once } from 'node:events'
import WebSocket from 'ws'
import { Wire } from '../../support/client.ts'
import { Late } from '../../support/in-time.ts'
import { drain, holdDrain, type RunningApp, type Scenario } from './observe.ts'

// Connections that have left HTTP.

async function connect(app: RunningApp, options: object = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${app.port}/socket`, options)
  await once(socket, 'open')
  await app.message({ arrived: '/socket' })
  return socket
}

const upgrade = (protocol: string) =>
  `GET /socket HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: ${protocol}\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n\n`

export const webSocket: readonly Scenario[] = [
  ...[false, true].map(
    (lifecycleLast): Scenario => ({
      name: `open, @fastify/websocket registered ${lifecycleLast ? 'first' : 'last'}`,
      transport: 'WebSocket',
      setup: { lifecycleLast },
      expected: { response: 'open', farewell: '1012 service restart, the handler saw 1012', exitCode: 0 },
      async act(app) {
        const socket = await connect(app)
        app.kill('SIGTERM')
        const [code, reason] = await once(socket, 'close')
        const last = performance.now()
        const { closed } = await app.message({ closed: 1012 }).catch(() => {
          // A client has a second to answer the close frame.
          throw new Late('the answer to the close frame')
        })
        return { response: 'open', farewell: `${code} ${reason}, the handler saw ${closed}`, last }
      }
    })
  ),
  {
    name: 'open, told as configured, compressing',
    transport: 'WebSocket',
    setup: { options: { websocket: { code: 1001, reason: 'bye' } } },
    expected: { response: 'open', farewell: '1001 bye', exitCode: 0 },
    async act(app) {
      const socket = await connect(app, { perMessageDeflate: true })
      app.kill('SIGTERM')
      const [code, reason] = await once(socket, 'close')
      return { response: 'open', farewell: `${code} ${reason}`, last: performance.now() }
    }
  },
  {
    name: 'upgrade in a hook when the drain begins',
    transport: 'WebSocket',
    setup: {},
    expected: { response: 'open', farewell: '1012 service restart', exitCode: 0 },
    async act(app) {
      const socket = new WebSocket(`ws://127.0.0.1:${app.port}/slow-socket`)
      const opened = once(socket, 'open')
      const closed = once(socket, 'close')
      await app.message({ hooked: true })
      await drain(app)
      app.tell('open')
      await opened
      const [code, reason] = await closed
      return { response: 'open', farewell: `${code} ${reason}`, last: performance.now() }
    }
  },
  {
    name: 'client that does not answer the close frame',
    transport: 'WebSocket',
    setup: {},
    expected: { response: '101', farewell: 'close frame 1012, then FIN', exitCode: 0 },
    async act(app) {
      const wire = new Wire(app.port)
      wire.send(upgrade('websocket'))
      await wire.receives('101')
      await app.message({ arrived: '/socket' })
      app.kill('SIGTERM')
      await wire.receives('service restart')
      const code = wire.received.split('\x88\x11')[1]
      const ended = await wire.ended
      const number = (code?.charCodeAt(0) ?? 0) * 256 + (code?.charCodeAt(1) ?? 0)
      return {
        response: '101',
        farewell: `close frame ${number}, then ${ended === 'end' ? 'FIN' : 'reset'}`,
        last: performance.now()
      }
    }
  },
  {
    name: 'upgrade during the drain',
    transport: 'WebSocket',
    setup: { hooks: [holdDrain] },
    expected: { response: '503', farewell: 'FIN', exitCode: 0 },
    async act(app) {
      await drain(app)
      const wire = new Wire(app.port)
      wire.send(upgrade('websocket'))
      const ended = await wire.ended
      const last = performance.now()
      app.tell('release drain')
      return { response: wire.received.slice(9, 12), farewell: ended === 'end' ? 'FIN' : 'reset', last }
    }
  },
  {
    name: '`handOver`: upgrade on an open connection during the drain',
    transport: 'WebSocket',
    setup: { options: { handOver: true }, hooks: [holdDrain] },
    expected: { response: '200, 503', farewell: 'FIN', exitCode: 0 },
    async act(app) {
      const wire = new Wire(app.port)
      wire.send('GET / HTTP/1.1\nHost: x\n\n')
      await wire.receives('200')
      await drain(app)
      wire.send(upgrade('websocket'))
      const ended = await wire.ended
      const response = wire.received.match(/(?<=HTTP\/1\.1 )\d{3}/g)?.join(', ') ?? ''
      const last = performance.now()
      app.tell('release drain')
      return { response, farewell: ended === 'end' ? 'FIN' : 'reset', last }
    }
  },
  {
    name: 'upgraded socket of a protocol that nobody owns',
    transport: 'raw',
    setup: { rawUpgrade: true },
    expected: { response: '101', farewell: 'FIN', exitCode: 0 },
    async act(app) {
      const wire = new Wire(app.port)
      wire.send(upgrade('echo'))
      await wire.receives('101')
      await app.message({ arrived: '/socket' })
      app.kill('SIGTERM')
      const ended = await wire.ended
      return { response: '101', farewell: ended === 'end' ? 'FIN' : 'reset', last: performance.now() }
    }
  }
]
