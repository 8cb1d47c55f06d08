import assert from 'node:assert/strict'
import diagnostics from 'node:diagnostics_channel'
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { test } from 'node:test'
import Fastify from 'fastify'
import { Servers } from '../../lib/servers.ts'
import { cleanup } from '../support/cleanup.ts'
import { listenTwice } from '../support/in-process.ts'

async function listen(t: Parameters<typeof cleanup>[0], host: string, port = 0): Promise<net.Server> {
  const server = net.createServer((socket) => socket.on('error', () => {}))
  server.listen(port, host)
  await once(server, 'listening')
  cleanup(t, () => server.close())
  return server
}

async function connectTo(t: Parameters<typeof cleanup>[0], server: net.Server): Promise<void> {
  const { port, address } = server.address() as AddressInfo
  const socket = net.connect(port, address)
  cleanup(t, () => socket.destroy())
  await Promise.all([once(socket, 'connect'), once(server, 'connection')])
}

for (const forceCloseConnections of ['idle', true] as const) {
  test(`closing the first server of localhost cuts no connection of the second, where Fastify is to cut ${forceCloseConnections === true ? 'all' : 'idle ones'}`, async (t) => {
    const app = Fastify({ forceCloseConnections })
    app.get('/', async () => 'ok')
    cleanup(t, () => app.close())
    const second = await listenTwice(app)
    const servers = new Servers(() => {})
    servers.add(app.server)
    servers.discover(app, () => {})
    const idle = net.connect(second.port, second.address)
    cleanup(t, () => idle.destroy())
    idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(idle, 'data')

    const closed = once(app.server, 'close')
    servers.stopListening()
    await closed
    idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const [answer] = await once(idle, 'data')
    assert.match(String(answer), /^HTTP\/1\.1 200/)
  })
}

test('a server that Fastify keeps to itself is found by its first connection, and no other is', async (t) => {
  const main = await listen(t, '127.0.0.1')
  const hidden = await listen(t, '::1', (main.address() as AddressInfo).port)
  const stranger = await listen(t, '127.0.0.1')
  const attached: net.Server[] = []
  const accepted: Socket[] = []
  const servers = new Servers((server) => attached.push(server))
  servers.add(main)
  const app = { addresses: () => [main.address(), hidden.address()] }
  servers.discover(app as never, (_server, socket) => accepted.push(socket))

  diagnostics.channel('net.server.socket').publish({ socket: {} })
  await connectTo(t, main)
  await connectTo(t, stranger)
  assert.deepEqual([attached, accepted.length], [[main], 0])
  await connectTo(t, hidden)
  await connectTo(t, hidden)
  assert.deepEqual([attached, accepted.length], [[main, hidden], 1])
  assert.equal(diagnostics.hasSubscribers('net.server.socket'), false)

  servers.stopListening()
  assert.deepEqual([main.listening, hidden.listening, stranger.listening], [false, false, true])
})
