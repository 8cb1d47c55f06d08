import assert from 'node:assert/strict'
import { once } from 'node:events'
import http2 from 'node:http2'
import { test } from 'node:test'
import { cleanup } from '../support/cleanup.ts'
import { Wire } from '../support/client.ts'
import { latch, makeApp, portOf } from '../support/in-process.ts'

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
  const protocols = ['', '', 'websocket', 'echo', 'echo']
  const wires = await Promise.all(protocols.map((protocol) => connect(portOf(app), protocol)))
  wires.at(-1)?.socket.destroy()
  await gone.opened
  await app.close()
  assert.deepEqual(app.lifecycle.report?.connections, { http1: 2, http2: 0, websocket: 1, upgraded: 1 })
})

/** A connection that has spoken HTTP/1.1, and then goes on with another protocol, if one is named. */
async function connect(port: number, protocol: string): Promise<Wire> {
  const wire = new Wire(port)
  wire.send('GET / HTTP/1.1\nHost: x\n\n')
  await wire.receives('ok')
  if (protocol === '') return wire
  wire.send(`GET / HTTP/1.1\nHost: x\nConnection: upgrade\nUpgrade: ${protocol}\n\n`)
  await wire.receives('101')
  return wire
}

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
