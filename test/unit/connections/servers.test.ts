import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { test } from 'node:test'
import Fastify from 'fastify'
import { putBefore, Servers } from '../../../lib/connections/servers.ts'
import { cleanup } from '../../support/cleanup.ts'
import { listenTwice } from '../../support/in-process.ts'

const sockets = new Set<net.Socket>()

async function listen(t: Parameters<typeof cleanup>[0], host: string, port = 0): Promise<net.Server> {
  const server = net.createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
  })
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
    servers.discover(app)
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

test('a server that Fastify keeps to itself is found, and stops listening with the first', async (t) => {
  const app = Fastify()
  cleanup(t, () => app.close())
  const second = await listenTwice(app)
  const attached: net.Server[] = []
  const servers = new Servers((server) => attached.push(server))
  servers.add(app.server)
  servers.discover(app)
  servers.discover(app)
  assert.deepEqual(
    attached.map((server) => (server.address() as AddressInfo).address),
    [(app.server.address() as AddressInfo).address, second.address]
  )
  servers.stopListening()
  assert.deepEqual(
    attached.map(({ listening }) => listening),
    [false, false]
  )
})

test('nobody else closes a listener while it is kept, and the callback of one who tried runs when it closes', async (t) => {
  const server = await listen(t, '127.0.0.1')
  const servers = new Servers(() => {})
  servers.add(server)
  servers.keepListening()
  let isCalled = false
  server.close(() => {
    isCalled = true
  })
  server.close()
  await connectTo(t, server)
  assert.deepEqual([server.listening, isCalled], [true, false])
  servers.stopListening()
  assert.equal(server.listening, false)
  for (const socket of sockets) socket.destroy()
  await once(server, 'close')
  assert.equal(isCalled, true)
})

test('a listener of others that was added by `once` runs once, and one that was added by `on` each time', async (t) => {
  const server = http.createServer()
  const heard: string[] = []
  server.once('request', () => heard.push('once'))
  server.on('request', () => heard.push('on'))
  putBefore(server, ({ url }) => url === '/ours')
  for (const url of ['/ours', '/', '/'])
    server.emit('request', { url } as http.IncomingMessage, {} as http.ServerResponse)
  cleanup(t, () => server.close())
  assert.deepEqual(heard, ['once', 'on', 'on'])
})
