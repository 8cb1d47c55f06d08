import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { describe, test } from 'node:test'
import { cleanup } from '../support/cleanup.ts'
import { Wire } from '../support/client.ts'
import { holdDrain, latch, makeApp, phaseOf, portOf } from '../support/in-process.ts'

describe('while draining', () => {
  test('a client that does not end its half of a connection is not waited for for ever', async (t) => {
    const app = await makeApp(t)
    await holdDrain(t, app)
    const socket = net.connect({ port: portOf(app), host: '127.0.0.1', allowHalfOpen: true })
    cleanup(t, () => socket.destroy())
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket.resume(), 'end')
    // The server reads on for a while, and only then lets go.
    const connections = () =>
      new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count)))
    assert.equal(await connections(), 1)
    while ((await connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 50))
  })

  test('an app that answers Expect: 100-continue itself goes on doing so', async (t) => {
    const app = await makeApp(t)
    app.server.on('checkContinue', (request, response) => {
      response.writeContinue()
      app.server.emit('request', request, response)
    })
    await holdDrain(t, app)
    const wire = new Wire(portOf(app))
    wire.send('POST / HTTP/1.1\nHost: x\nContent-Length: 3\nExpect: 100-continue\n\n')
    await wire.receives('FST_LIFECYCLE_DRAINING')
    assert.match(wire.received, /^HTTP\/1\.1 100 Continue[\s\S]*HTTP\/1\.1 503/)
    wire.socket.destroy()
  })
})

test('a response on a longLived route that has ended, but is not read yet, arrives whole', async (t) => {
  const app = await makeApp(t)
  const ended = latch()
  const size = 8 * 1024 * 1024
  app.get('/tail', { config: { lifecycle: { longLived: true } } }, (_request, reply) => {
    reply.raw.on('prefinish', ended.open)
    reply.send(Buffer.alloc(size, 'x'))
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const wire = new Wire(portOf(app))
  wire.socket.pause()
  wire.send('GET /tail HTTP/1.1\nHost: x\n\n')
  await ended.opened
  const closed = app.close()
  await phaseOf(app, 'draining')
  wire.socket.resume()
  await wire.ended
  assert.equal(wire.received.split('\r\n\r\n')[1]?.length, size)
  await closed
})

test('a request behind a response that was the last of its connection is not processed', async (t) => {
  const app = await makeApp(t, { deadline: 60_000, lameDuck: 300 })
  let handled = 0
  app.get('/', async () => {
    handled++
    return 'served'
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const done = app.lifecycle.shutdown()
  await phaseOf(app, 'lameDuck')
  let answered = 0
  while (app.lifecycle.phase === 'lameDuck') {
    const wire = new Wire(portOf(app))
    wire.send('GET / HTTP/1.1\nHost: x\n\n'.repeat(3))
    await wire.receives('HTTP/1.1')
    await new Promise((resolve) => setImmediate(resolve))
    wire.socket.end()
    await wire.ended
    answered += wire.received.match(/served/g)?.length ?? 0
  }
  await done
  assert.equal(handled, answered)
})

test('a request that comes when the last response of its connection has begun is not processed', async (t) => {
  const app = await makeApp(t, { deadline: 60_000, lameDuck: 500 })
  let handled = 0
  let end: () => void = () => {}
  app.get('/second', async () => {
    handled++
  })
  app.get('/streamed', (_request, reply) => {
    reply.hijack()
    reply.raw.write('begun')
    end = () => reply.raw.end()
  })
  // However busy the machine is, the phase is not over before this is.
  const held = latch()
  app.onShutdown('held', { phase: 'lameDuck', timeout: 60_000 }, () => held.opened)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const done = app.lifecycle.shutdown()
  await phaseOf(app, 'lameDuck')
  let wire: Wire
  do {
    end()
    wire = new Wire(portOf(app))
    wire.send('GET /streamed HTTP/1.1\nHost: x\n\n')
    await wire.receives('begun')
  } while (!/connection: close/i.test(wire.received))
  wire.send('GET /second HTTP/1.1\nHost: x\n\n')
  while (app.lifecycle.inFlight < 2) await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setTimeout(resolve, 20))
  end()
  await wire.ended
  held.open()
  await done
  assert.equal(handled, 0)
})
