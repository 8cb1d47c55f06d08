import assert from 'node:assert/strict'
import { once } from 'node:events'
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { describe, test } from 'node:test'
import { cleanup } from '../../support/cleanup.ts'
import { Wire } from '../../support/client.ts'
import { holdDrain, latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'

const anyStream = 2 ** 31 - 1

function connect(t: Parameters<typeof cleanup>[0], port: number): ClientHttp2Session {
  const session = http2.connect(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  cleanup(t, () => session.destroy())
  return session
}

async function statusOf(stream: ClientHttp2Stream): Promise<number> {
  const [headers] = (await once(stream.resume(), 'response')) as [{ ':status': number }]
  return headers[':status']
}

describe('an HTTP/2 session', () => {
  test('is told to go in two steps, and the stream in flight finishes', async (t) => {
    const app = await makeApp(t, {}, { http2: true } as object)
    const [arrived, held] = [latch(), latch()]
    app.get('/', async () => {
      arrived.open()
      await held.opened
      return 'done'
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const session = connect(t, portOf(app))
    const goaways: [number, number][] = []
    const second = new Promise<void>((resolve) => {
      session.on('goaway', (code, lastStream) => {
        goaways.push([code, lastStream])
        if (goaways.length === 2) resolve()
      })
    })
    const stream = session.request({ ':path': '/' })
    const status = statusOf(stream)
    await arrived.opened
    const closed = app.close()
    await second
    assert.deepEqual(goaways.slice(0, 2), [
      [0, anyStream],
      [0, stream.id]
    ])
    held.open()
    assert.equal(await status, 200)
    await closed
    assert.equal(app.lifecycle.report?.requests.completed, 1)
  })

  test('that is opened during the drain has its first stream answered 503, and is told to go', async (t) => {
    const app = await makeApp(t, {}, { http2: true } as object)
    app.get('/', async () => 'done')
    await holdDrain(t, app)
    // Frame by frame, because a client that knows of GOAWAY would not show what it was sent: the preface, empty SETTINGS, then a GET.
    const wire = new Wire(portOf(app))
    cleanup(t, () => wire.socket.destroy())
    const frame = (type: number, flags: number, stream: number, payload: string) =>
      String.fromCharCode(0, 0, payload.length, type, flags, 0, 0, 0, stream) + payload
    const get = '\x82\x86\x84\x41\x01x'
    wire.socket.write(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frame(4, 0, 0, '')}${frame(1, 5, 1, get)}`, 'latin1')
    await wire.receives('FST_LIFECYCLE_DRAINING')
    const goaway = frame(7, 0, 0, '\x7f\xff\xff\xff\0\0\0\0')
    assert.ok(wire.received.includes(goaway))
    // The stream is closed, and no ping is answered: the second step comes all the same.
    await wire.receives(frame(7, 0, 0, '\0\0\0\x01\0\0\0\0'))
    assert.equal(app.lifecycle.phase, 'draining')
  })

  test('is shed in the lame duck', async (t) => {
    const app = await makeApp(t, { deadline: 60_000, lameDuck: 1_000 }, { http2: true } as object)
    app.get('/', async () => 'done')
    await app.listen({ port: 0, host: '127.0.0.1' })
    const session = connect(t, portOf(app))
    const gone = once(session, 'goaway')
    await once(session, 'connect')
    const done = app.lifecycle.shutdown()
    await phaseOf(app, 'lameDuck')
    let shed = false
    gone.then(() => {
      shed = app.lifecycle.phase === 'lameDuck'
    })
    while (app.lifecycle.phase === 'lameDuck' && !session.closed) {
      assert.equal(await statusOf(session.request({ ':path': '/' })), 200)
    }
    await gone
    assert.equal(shed, true)
    await done
  })

  test('whose client gives a request up has one that was aborted', async (t) => {
    const app = await makeApp(t, {}, { http2: true } as object)
    const [arrived, done] = [latch(), latch()]
    app.get('/hung', (request) => {
      request.signal.addEventListener('abort', () => done.open())
      arrived.open()
      return done.opened
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const stream = connect(t, portOf(app)).request({ ':path': '/hung' })
    await arrived.opened
    const closed = app.close()
    await phaseOf(app, 'draining')
    stream.close(http2.constants.NGHTTP2_CANCEL)
    await closed
    const { completed, aborted, cut } = app.lifecycle.report?.requests ?? {}
    assert.deepEqual([completed, aborted, cut], [0, 1, []])
  })

  test('that was cut is reset, and its request named', async (t) => {
    const app = await makeApp(t, { drainTimeout: 50 }, { http2: true } as object)
    const arrived = latch()
    app.get('/hung', () => {
      arrived.open()
      return new Promise(() => {})
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const session = connect(t, portOf(app))
    const stream = session.request({ ':path': '/hung' })
    const failed = once(stream, 'error')
    const closed = new Promise((resolve) => stream.once('close', resolve))
    await arrived.opened
    await app.close()
    await Promise.all([failed, closed])
    assert.equal(stream.rstCode, http2.constants.NGHTTP2_INTERNAL_ERROR)
    assert.equal(app.lifecycle.report?.requests.cut[0]?.route, '/hung')
  })

  test('is destroyed at the end, whatever a stream that is served to the end still does', async (t) => {
    const app = await makeApp(t, { deadline: 60_000 }, { http2: true } as object)
    const arrived = latch()
    app.get('/tail', { config: { lifecycle: { whileDraining: 'serve' } } }, () => {
      arrived.open()
      return new Promise(() => {})
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const session = connect(t, portOf(app))
    const closed = once(session, 'close')
    const stream = session.request({ ':path': '/tail' })
    stream.on('error', () => {})
    await arrived.opened
    await app.close()
    await closed
    assert.equal(app.lifecycle.report?.outcome, 'clean')
  })
})
