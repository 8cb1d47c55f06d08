import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:http'
import http2 from 'node:http2'
import net from 'node:net'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import type { Report } from 'fastify-lifecycle'
import { fakeProcess } from 'fastify-lifecycle/testing'
import { cleanup } from '../../support/cleanup.ts'
import { request, Wire } from '../../support/client.ts'
import { holdLameDuck, latch, listenTwice, makeApp, phaseOf, portOf } from '../../support/in-process.ts'
import { aLongTime, inTime, Late } from '../../support/in-time.ts'

test('after the hand-over an early answer reaches a client that is still sending', async (t) => {
  const app = await makeApp(t, { handOver: true })
  app.addHook('onRequest', async (_request, reply) => reply.code(401).send('no'))
  const { release } = await holdLameDuck(app)
  cleanup(t, release)
  const client = net.connect({ port: portOf(app), host: '127.0.0.1', allowHalfOpen: true })
  cleanup(t, () => client.destroy())
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(client, 'data')
  await notListening(app)
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
  const app = await makeApp(t, { handOver: true })
  app.get('/:name', async (request) => `answer to ${(request.params as { name: string }).name}`)
  const { release } = await holdLameDuck(app)
  cleanup(t, release)
  const wire = new Wire(portOf(app))
  await wire.connected
  // Accepted, too.
  wire.send('GET /zero HTTP/1.1\nHost: x\n\n')
  await wire.receives('answer to zero')
  await notListening(app)
  wire.send('GET /one HTTP/1.1\nHost: x\n\nGET /two HTTP/1.1\nHost: x\n\n')
  assert.equal(await wire.ended, 'end')
  assert.match(wire.received, /answer to one[\s\S]*connection: close[\s\S]*answer to two$/i)
  assert.equal(wire.received.match(/connection: close/gi)?.length, 1)
})

test('after the hand-over a session of HTTP/2 is served as before', async (t) => {
  const app = await makeApp(t, { handOver: true }, { http2: true } as object)
  app.get('/', async () => 'ok')
  const { release } = await holdLameDuck(app)
  cleanup(t, release)
  const session = http2.connect(`http://127.0.0.1:${portOf(app)}`)
  cleanup(t, () => session.destroy())
  await once(session, 'connect')
  await notListening(app)
  const [headers] = await once(session.request({ ':path': '/' }), 'response')
  assert.deepEqual([headers[':status'], headers['connection']], [200, undefined])
})

test('with a lame duck it accepts until that is over', (t) =>
  inTime(t, async (times) => {
    const window = times * 200
    const stream = new PassThrough().setEncoding('utf8')
    const app = await makeApp(t, { handOver: true, lameDuck: window }, { logger: { stream } })
    const { release, done } = await holdLameDuck(app)
    cleanup(t, release)
    const probe = await request(portOf(app), '/readyz').catch(() => undefined)
    if (!app.server.listening) throw new Late('the probe')
    assert.equal(probe?.status, 503)
    await notListening(app)
    release()
    const { lameDuck, handOver } = await done
    assert.equal(lameDuck.ended, 'window')
    assert.ok((handOver?.at as number) >= window - 1, `${handOver?.at} ms`)
    const log = String(stream.read())
    assert.match(
      log,
      /"LIFECYCLE_HAND_OVER".*new connections are left to others: not accepting any more, 0 open/
    )
    assert.match(log, /draining: serving requests that still come on open connections/)
  }))

test('a request that would go on for ever is answered 503 in the drain, one that is served to the end is not waited for', async (t) => {
  const app = await makeApp(t, { handOver: true })
  app.get('/events', { config: { lifecycle: { longLived: true } } }, async () => 'never')
  const held = latch()
  app.get('/metrics', { config: { lifecycle: { whileDraining: 'serve' } } }, () => held.opened)
  cleanup(t, held.open)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const wires = [new Wire(portOf(app)), new Wire(portOf(app))] as const
  for (const wire of wires) {
    cleanup(t, () => wire.socket.destroy())
    wire.send('GET /livez HTTP/1.1\nHost: x\n\n')
    await wire.receives('200')
  }
  const done = app.lifecycle.shutdown()
  await phaseOf(app, 'draining')
  wires[0].send('GET /events HTTP/1.1\nHost: x\n\n')
  wires[1].send('GET /metrics HTTP/1.1\nHost: x\n\n')
  assert.equal(await wires[0].ended, 'end')
  assert.match(wires[0].received, /503 Service Unavailable[\s\S]*connection: close/)
  const { outcome, requests, handOver } = await done
  assert.deepEqual([outcome, requests.rejected, requests.cutCount], ['clean', 1, 0])
  assert.deepEqual([handOver?.connections, handOver?.requests], [2, 2])
})

test('an upload is let in, and a request that a handler injects is served', async (t) => {
  const app = await makeApp(t, { handOver: true })
  app.get('/inner', async () => 'from within')
  app.post('/', async ({ body }) => `${(await app.inject('/inner')).body}, ${body}`)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const wire = new Wire(portOf(app))
  cleanup(t, () => wire.socket.destroy())
  wire.send('GET /livez HTTP/1.1\nHost: x\n\n')
  await wire.receives('200')
  const done = app.lifecycle.shutdown()
  await phaseOf(app, 'draining')
  wire.send('POST / HTTP/1.1\nHost: x\nContent-Type: text/plain\nContent-Length: 4\nExpect: 100-continue\n\n')
  await wire.receives('100 Continue')
  wire.send('body')
  assert.equal(await wire.ended, 'end')
  assert.match(wire.received, /connection: close[\s\S]*from within, body$/)
  assert.equal((await done).outcome, 'clean')
})

test("an answer that was held back until then is its connection's last, and says so", async (t) => {
  const app = await makeApp(t, { handOver: true })
  holdDraining(t, app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const wire = new Wire(portOf(app))
  cleanup(t, () => wire.socket.destroy())
  wire.send('GET /readyz HTTP/1.1\nHost: x\n\n')
  await wire.receives('200')
  void app.lifecycle.shutdown()
  await phaseOf(app, 'lameDuck')
  wire.send('GET /readyz HTTP/1.1\nHost: x\n\n')
  assert.equal(await wire.ended, 'end')
  assert.match(wire.received, /HTTP\/1\.1 503[^{]*connection: close/i)
})

test('until the listener is closed, only requests are held back whose clients would connect again', async (t) => {
  const app = await makeApp(t, { handOver: true })
  const served: Record<string, boolean> = {}
  app.get('/:name', async (request) => {
    served[(request.params as { name: string }).name] = app.server.listening
    return 'served'
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const asked: Readonly<Record<string, string>> = {
    kept: 'HTTP/1.1\nHost: x\n\n',
    close: 'HTTP/1.1\nHost: x\nConnection: close\n\n',
    old: 'HTTP/1.0\n\n',
    oldAndKept: 'HTTP/1.0\nConnection: keep-alive\n\n'
  }
  const wires = new Map(Object.keys(asked).map((name) => [name, new Wire(portOf(app))]))
  for (const wire of wires.values()) {
    cleanup(t, () => wire.socket.destroy())
    wire.send('GET /livez HTTP/1.1\nHost: x\n\n')
    await wire.receives('200')
  }
  const done = app.lifecycle.shutdown()
  await phaseOf(app, 'lameDuck')
  for (const [name, wire] of wires) wire.send(`GET /${name} ${asked[name]}`)
  for (const wire of wires.values()) await wire.receives('served')
  assert.deepEqual(served, { kept: true, close: false, old: false, oldAndKept: true })
  const { outcome, requests, handOver } = await done
  assert.deepEqual([outcome, requests.rejected, handOver?.connections], ['clean', 0, 4])
})

for (const [end, type] of [
  ['a crash', 'uncaughtException'],
  ['a bare close', 'close']
] as const) {
  test(`${end} hands over, too`, async (t) => {
    const app = await makeApp(t, { handOver: true, lameDuck: 1_000, crashes: true })
    const release = holdDraining(t, app)
    await app.listen({ port: 0, host: '127.0.0.1' })
    const agent = new Agent({ keepAlive: true })
    cleanup(t, () => agent.destroy())
    const port = portOf(app)
    await request(port, '/livez', { agent })
    const reported = new Promise<Report>((resolve) => app.lifecycle.once('report', resolve))
    if (type === 'close') void app.close()
    else void fakeProcess(app).crash(new Error('nobody caught this'))
    await phaseOf(app, 'draining')
    assert.equal((await request(port, '/nowhere', { agent })).status, 404)
    release()
    const report = await reported
    assert.deepEqual([report.reason.type, report.requests.rejected, report.handOver?.requests], [type, 0, 1])
  })
}

test('an app that does not listen has nothing to hand over', async (t) => {
  const app = await makeApp(t, { handOver: true })
  await app.ready()
  assert.equal((await app.lifecycle.shutdown()).handOver, undefined)
})

test('both addresses of localhost are handed over', async (t) => {
  const app = await makeApp(t, { handOver: true })
  holdDraining(t, app)
  const { address, port } = await listenTwice(app)
  void app.lifecycle.shutdown()
  await phaseOf(app, 'draining')
  for (const host of ['127.0.0.1', '::1', address]) {
    await assert.rejects(request(port, '/', { host }), { code: 'ECONNREFUSED' })
  }
})

/** Keeps the drain from its end until the returned function is called, or the test is over. */
function holdDraining(t: TestContext, app: FastifyInstance): () => void {
  const held = latch()
  app.onShutdown('held', { phase: 'draining', timeout: aLongTime }, () => held.opened)
  cleanup(t, held.open)
  return held.open
}

/** Resolves when the app accepts no connections any more; `close` of a server comes only with the last connection. */
async function notListening(app: FastifyInstance): Promise<void> {
  while (app.server.listening) await new Promise((resolve) => setTimeout(resolve, 1))
}
