import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import net from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import type { LifecycleOptions } from '../../../index.ts'
import { QuietMoment } from '../../../lib/connections/quiet-moment.ts'
import { cleanup } from '../../support/cleanup.ts'
import { Wire } from '../../support/client.ts'
import { holdDrain, holdLameDuck, latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'
import { aLongTime, inTime, Late } from '../../support/in-time.ts'

describe('while draining', () => {
  test('the wait for a client to end its half of a connection has a limit', (t) =>
    inTime(t, async () => {
      const app = await makeApp(t)
      await holdDrain(t, app)
      const socket = net.connect({ port: portOf(app), host: '127.0.0.1', allowHalfOpen: true })
      cleanup(t, () => socket.destroy())
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      const begin = performance.now()
      await once(socket.resume(), 'end')
      // The server reads on for a while, and only then lets go.
      const connections = () =>
        new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count)))
      const count = await connections()
      if (count === 0 && performance.now() - begin > 200) throw new Late('the look at the connections')
      assert.equal(count, 1)
      while ((await connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 50))
    }))

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
  const { release, done } = await holdLameDuck(app)
  let [answered, told] = [0, 0]
  while (told < 10) {
    const wire = new Wire(portOf(app))
    wire.send('GET / HTTP/1.1\nHost: x\n\n'.repeat(3))
    await wire.receives('HTTP/1.1')
    await new Promise((resolve) => setImmediate(resolve))
    wire.socket.end()
    await wire.ended
    answered += wire.received.match(/served/g)?.length ?? 0
    if (/connection: close/i.test(wire.received)) told++
  }
  release()
  await done
  assert.equal(handled, answered)
})

/** A route whose responses go on until they are ended. */
function streamOn(app: FastifyInstance, path: string) {
  let end = () => {}
  app.get(path, (_request, reply) => {
    reply.hijack()
    reply.raw.write('begun')
    end = () => reply.raw.end()
  })
  /** Connects again and again, until a response there is its connection's last. Resolves with that connection. */
  const untilTold = async (open: () => Wire) => {
    for (let asked = 1; ; asked++) {
      const wire = open()
      wire.send(`GET ${path} HTTP/1.1\nHost: x\n\n`)
      await wire.receives('begun')
      if (/connection: close/i.test(wire.received)) return { wire, asked }
      end()
    }
  }
  return { end: () => end(), untilTold }
}

test('a request that comes when the last response of its connection has begun is not processed', async (t) => {
  const app = await makeApp(t, { deadline: 60_000, lameDuck: 500 })
  let handled = 0
  app.get('/second', async () => {
    handled++
  })
  const { end, untilTold } = streamOn(app, '/streamed')
  const { release, done } = await holdLameDuck(app)
  const { wire } = await untilTold(() => new Wire(portOf(app)))
  wire.send('GET /second HTTP/1.1\nHost: x\n\n')
  while (app.lifecycle.inFlight < 2) await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setTimeout(resolve, 20))
  end()
  await wire.ended
  release()
  await done
  assert.equal(handled, 0)
})

test('where a handler insists on keeping a connection alive, whatever comes on it is answered', async (t) => {
  const app = await makeApp(t, { deadline: 60_000, lameDuck: 200, drainTimeout: 50_000 })
  app.get('/', (_request, reply) => {
    const isTold = reply.raw.getHeader('connection') === 'close'
    reply.header('connection', 'keep-alive').send(isTold ? 'told, but goes on' : 'not told, so goes on')
  })
  const { release, done } = await holdLameDuck(app)
  const wire = new Wire(portOf(app))
  let sent = 0
  // What comes behind one that was told to end must not be passed over.
  while (wire.received.split('told, but').length <= 3) {
    wire.send('GET / HTTP/1.1\nHost: x\n\n')
    await wire.receives('goes on', ++sent)
  }
  release()
  assert.equal(await wire.ended, 'end')
  const { requests, exitCode } = await done
  assert.deepEqual([requests.completed, requests.cut, exitCode], [sent, [], 0])
})

test('a response that says `Connection: close` in the lame duck and goes on in the drain has completed when it ends', async (t) => {
  const app = await makeApp(t, { deadline: 60_000, lameDuck: 200, drainTimeout: 50_000 })
  const { end, untilTold } = streamOn(app, '/')
  const { release, done } = await holdLameDuck(app)
  const { wire, asked } = await untilTold(() => new Wire(portOf(app)))
  release()
  await phaseOf(app, 'draining')
  end()
  assert.equal(await wire.ended, 'end')
  const { requests } = await done
  assert.deepEqual([requests.completed, requests.aborted, requests.cut], [asked, 0, []])
})

test('what is passed over behind the last response of a connection is not waited for', async (t) => {
  const app = await makeApp(t, { lameDuck: 200, drainTimeout: aLongTime / 2 })
  app.get('/second', async () => 'never')
  const { end, untilTold } = streamOn(app, '/')
  const { release, done } = await holdLameDuck(app)
  // One that does not end its own half, so that what is passed over stays.
  const { wire } = await untilTold(() => new Wire(portOf(app), '127.0.0.1', true))
  cleanup(t, () => wire.socket.destroy())
  wire.send('GET /second HTTP/1.1\nHost: x\n\n')
  while (app.lifecycle.inFlight < 2) await new Promise((resolve) => setImmediate(resolve))
  release()
  await phaseOf(app, 'draining')
  end()
  const { requests, exitCode } = await done
  assert.deepEqual([requests.cut, exitCode], [[], 0])
})

test('a handler that writes on after its longLived response was ended does no harm', async (t) => {
  const app = await makeApp(t, { deadline: 60_000, drainTimeout: 300 })
  const full = latch()
  app.get('/tail', { config: { lifecycle: { longLived: true } } }, (_request, reply) => {
    reply.hijack()
    const writing = setInterval(() => {
      if (!reply.raw.write(Buffer.alloc(1024 * 1024)) && reply.raw.writableLength > 16 * 1024 * 1024)
        full.open()
    }, 5)
    reply.raw.on('close', () => clearInterval(writing))
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const wire = new Wire(portOf(app))
  wire.socket.pause()
  wire.send('GET /tail HTTP/1.1\nHost: x\n\n')
  await full.opened
  await app.close()
  assert.deepEqual(
    app.lifecycle.report?.requests.cut.map(({ route }) => route),
    ['/tail']
  )
  wire.socket.destroy()
})

/** Calls back when a response is complete, though it may still wait for its turn. */
function whenEnded(response: ServerResponse, callback: () => void): void {
  if (response.writableEnded) callback()
  else setImmediate(() => whenEnded(response, callback))
}

/** A slow route, and a quick one whose answer, pipelined behind the slow one's, is ready before. */
function pipeline(app: FastifyInstance) {
  const [asked, answer, ready] = [latch(), latch(), latch()]
  app.get('/slow', async () => {
    asked.open()
    await answer.opened
    return 'the slow one'
  })
  app.get('/quick', async (_request, reply) => {
    whenEnded(reply.raw, ready.open)
    return 'the quick one'
  })
  return {
    answer: answer.open,
    async ask() {
      const wire = new Wire(portOf(app))
      wire.send('GET /slow HTTP/1.1\nHost: x\n\nGET /quick HTTP/1.1\nHost: x\n\n')
      await Promise.all([asked.opened, ready.opened])
      return wire
    }
  }
}

test('a slow response is not passed over because the one pipelined behind it is ready', async (t) => {
  const app = await makeApp(t, { deadline: 60_000, lameDuck: 200, drainTimeout: 50_000 })
  const { ask, answer } = pipeline(app)
  const { release, done } = await holdLameDuck(app)
  // The last quarter, in which all are told.
  await new Promise((resolve) => setTimeout(resolve, 200))
  const wire = await ask()
  release()
  await phaseOf(app, 'draining')
  answer()
  await wire.ended
  assert.match(wire.received, /the slow one[\s\S]*connection: close[\s\S]*the quick one$/i)
  const { requests } = await done
  assert.deepEqual([requests.completed, requests.aborted], [2, 0])
})

test('an answer that is ready behind a slow one when the drain begins is not lost', async (t) => {
  const app = await makeApp(t)
  const { ask, answer } = pipeline(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const wire = await ask()
  const closed = app.close()
  await phaseOf(app, 'draining')
  answer()
  assert.equal(await wire.ended, 'end')
  assert.match(wire.received, /the slow one[\s\S]*the quick one$/)
  await closed
  assert.equal(app.lifecycle.report?.requests.completed, 2)
})

/** A request for a longLived response that a hook holds up, until it is released. */
async function heldTail(t: TestContext, drainTimeout: number) {
  const app = await makeApp(t, { deadline: 60_000, drainTimeout })
  const [asked, held] = [latch(), latch()]
  app.addHook('onRequest', () => {
    asked.open()
    return held.opened
  })
  app.get('/tail', { config: { lifecycle: { longLived: true } } }, () => new Promise(() => {}))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const wire = new Wire(portOf(app))
  wire.send('GET /tail HTTP/1.1\nHost: x\n\n')
  await asked.opened
  return { app, wire, release: held.open }
}

test('a longLived response that has not begun when the drain does, because a hook holds it up, is a 503', async (t) => {
  const { app, wire, release } = await heldTail(t, 30_000)
  const closed = app.close()
  await phaseOf(app, 'draining')
  release()
  await wire.receives('FST_LIFECYCLE_DRAINING')
  await closed
  assert.deepEqual(app.lifecycle.report?.requests.cut, [])
})

test('what was cut while a hook held it up is not looked at afterwards', async (t) => {
  const { app, wire, release } = await heldTail(t, 50)
  app.lifecycle.on('phase', ({ phase }) => {
    if (phase === 'closing') release()
  })
  app.onShutdown('after it', () => new Promise((resolve) => setImmediate(resolve)))
  await app.close()
  await wire.ended
  const { cut, rejected } = app.lifecycle.report?.requests ?? {}
  assert.deepEqual([cut?.length, rejected], [1, 0])
})

const get = 'GET / HTTP/1.1\nHost: x\n\n'

// Its client is far away, or thinks for a moment. It goes by the same event loop, so it is late when we are.
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 110))

/** An app whose client has used its connection just now: made again until that was quick enough. */
async function justBefore(
  t: TestContext,
  options: LifecycleOptions,
  use: (wire: Wire) => Promise<unknown>
): Promise<{ app: FastifyInstance; wire: Wire }> {
  for (;;) {
    const app = await makeApp(t, options)
    app.get('/', async () => 'ok')
    await app.listen({ port: 0, host: '127.0.0.1' })
    const accepted = once(app.server, 'connection')
    const begin = performance.now()
    const wire = new Wire(portOf(app))
    await accepted
    await use(wire)
    if (performance.now() - begin < 80) return { app, wire }
    wire.socket.destroy()
  }
}

describe('a connection is not ended under its next request, where it', () => {
  const uses = {
    'was used just before the shutdown': (wire: Wire) => {
      wire.send(get)
      return wire.receives('ok')
    },
    'was opened just before it': async () => {}
  }
  for (const [what, use] of Object.entries(uses)) {
    for (const lameDuck of [0, 20]) {
      test(`${what}, with a lame duck of ${lameDuck} ms`, async (t) => {
        const { app, wire } = await justBefore(t, { lameDuck }, use)
        const done = app.lifecycle.shutdown()
        await aMoment()
        wire.send(get)
        await wire.receives('503')
        assert.equal(await wire.ended, 'end')
        await done
      })
    }
  }

  for (const isAskedBefore of [false, true]) {
    const what = isAskedBefore ? 'asked on long before the shutdown, and answered' : 'used'
    test(`was ${what} in a lame duck in which no response says so, because it is as short as its hooks`, async (t) => {
      const app = await makeApp(t)
      const [asked, answer, held] = [latch(), latch(), latch()]
      app.get('/', async () => {
        asked.open()
        await answer.opened
        return 'ok'
      })
      app.onShutdown('held', { phase: 'lameDuck', timeout: 60_000 }, () => held.opened)
      await app.listen({ port: 0, host: '127.0.0.1' })
      const wire = new Wire(portOf(app))
      await once(app.server, 'connection')
      if (isAskedBefore) {
        wire.send(get)
        await asked.opened
      }
      // Longer than it would count as new, or as used just before.
      await new Promise((resolve) => setTimeout(resolve, 300))
      const done = app.lifecycle.shutdown()
      await phaseOf(app, 'lameDuck')
      if (!isAskedBefore) wire.send(get)
      answer.open()
      await wire.receives('ok')
      held.open()
      await aMoment()
      wire.send(get)
      await wire.receives('503')
      await done
    })
  }
})

test('a bare close is in a hurry: who was served just before is not waited for', async (t) => {
  for (const [end, calls] of [
    ['close', 0],
    ['shutdown', 1]
  ] as const) {
    const { app, wire } = await justBefore(t, {}, async () => {})
    const { mock } = t.mock.method(QuietMoment.prototype, 'used')
    await (end === 'close' ? app.close() : app.lifecycle.shutdown())
    assert.equal(mock.callCount(), calls)
    mock.restore()
    wire.socket.destroy()
  }
})

test('an app that is shutting down does not begin to listen', async (t) => {
  const app = await makeApp(t, { deadline: 60_000 })
  const refused: unknown[] = []
  app.onShutdown('late', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' }).catch((error) => refused.push(error.code))
  })
  await app.ready()
  await app.close()
  assert.deepEqual(refused, ['FST_LIFECYCLE_LISTEN_REFUSED'])
  assert.equal(app.server.listening, false)
})
