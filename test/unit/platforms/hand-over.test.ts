import assert from 'node:assert/strict'
import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import { test } from 'node:test'
import { takeNoMore } from '../../../platforms/hand-over.ts'
import { cleanup } from '../../support/cleanup.ts'
import { Wire } from '../../support/client.ts'
import { makeApp, portOf } from '../../support/in-process.ts'

test('after the hand-over an early answer reaches a client that is still sending', async (t) => {
  const app = await makeApp(t)
  app.addHook('onRequest', async (_request, reply) => reply.code(401).send('no'))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = net.connect({ port: portOf(app), host: '127.0.0.1', allowHalfOpen: true })
  cleanup(t, () => client.destroy())
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(client, 'data')
  takeNoMore(app)
  client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n')
  const [answer] = await once(client, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 401[\s\S]*connection: close/)
  await once(client, 'end')

  let wasReset = false
  client.on('error', () => {
    wasReset = true
  })
  const closed = once(client, 'close')
  for (let count = 0; count < 3; count++) {
    await new Promise((resolve) => client.write(Buffer.alloc(10_000), resolve))
    // A reset would be on its way by then.
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  client.end()
  await closed
  assert.equal(wasReset, false)
})

test('after the hand-over pipelined requests are all answered, and the last answer ends the connection', async (t) => {
  const app = await makeApp(t)
  app.get('/:name', async (request) => `answer to ${(request.params as { name: string }).name}`)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const wire = new Wire(portOf(app))
  await wire.connected
  // Accepted, too.
  wire.send('GET /zero HTTP/1.1\nHost: x\n\n')
  await wire.receives('answer to zero')
  takeNoMore(app)
  wire.send('GET /one HTTP/1.1\nHost: x\n\nGET /two HTTP/1.1\nHost: x\n\n')
  assert.equal(await wire.ended, 'end')
  assert.match(wire.received, /answer to one[\s\S]*connection: close[\s\S]*answer to two$/i)
  assert.equal(wire.received.match(/connection: close/gi)?.length, 1)
})

test('after the hand-over a session of HTTP/2 is served as before', async (t) => {
  const app = await makeApp(t, {}, { http2: true } as object)
  app.get('/', async () => 'ok')
  await app.listen({ port: 0, host: '127.0.0.1' })
  const session = http2.connect(`http://127.0.0.1:${portOf(app)}`)
  cleanup(t, () => session.destroy())
  await once(session, 'connect')
  takeNoMore(app)
  const [headers] = await once(session.request({ ':path': '/' }), 'response')
  assert.deepEqual([headers[':status'], headers['connection']], [200, undefined])
})
