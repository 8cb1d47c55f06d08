import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import net, { type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, type TestContext, test } from 'node:test'
import tls from 'node:tls'
import compress from '@fastify/compress'
import type { FastifyInstance, FastifyListenOptions, RouteHandlerMethod } from 'fastify'
import { certificate } from '../../fixtures/certificate.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request } from '../../support/client.ts'
import { latch, makeApp, portOf } from '../../support/in-process.ts'

// The client of a response that was cut must not take what it has got for the whole.

const text = 'a,b\n1,2\n'

/** An app whose response begins and never ends, and what becomes of it. */
async function cutting(
  t: TestContext,
  begin: RouteHandlerMethod,
  { server = {}, where, add }: Scene = {}
): Promise<{ app: FastifyInstance; cut(): Promise<void> }> {
  const app = await makeApp(t, { drainTimeout: 0 }, server)
  await add?.(app)
  app.get('/', begin)
  await app.listen(where ?? { port: 0, host: '127.0.0.1' })
  return {
    app,
    async cut() {
      await app.close()
      const { requests, outcome } = app.lifecycle.report ?? {}
      assert.deepEqual(
        requests?.cut.map(({ route }) => route),
        ['/']
      )
      assert.deepEqual([requests?.aborted, outcome], [0, 'failed'])
    }
  }
}

interface Scene {
  readonly server?: object
  readonly where?: FastifyListenOptions
  readonly add?: (app: FastifyInstance) => unknown
}

/** Begins a response by hand. */
function byHand(headers: http.OutgoingHttpHeaders = {}, without?: string): RouteHandlerMethod {
  return (_request, reply) => {
    reply.hijack()
    for (const [name, value] of Object.entries(headers)) reply.raw.setHeader(name, value as string)
    if (without !== undefined) reply.raw.removeHeader(without)
    reply.raw.write(text)
  }
}

/** What a client on a bare connection has got, and how that ended. */
function listen(socket: Socket, ask: string) {
  let received = ''
  const begun = latch()
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    received += chunk
    if (received.includes('\r\n\r\n') && received.includes(text)) begun.open()
  })
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => resolve('end'))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)))
  })
  socket.write(ask)
  return { begun: begun.opened, ended, head: () => received.split('\r\n\r\n')[0] as string }
}

const http10 = 'GET / HTTP/1.0\r\n\r\n'
const http11 = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

describe('a response that only the end of its connection would end is reset', () => {
  const cases: Readonly<Record<string, readonly [ask: string, begin: RouteHandlerMethod]>> = {
    'with HTTP/1.0': [http10, byHand()],
    'with HTTP/1.0, where the client wants to keep the connection': [
      'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
      byHand()
    ],
    'with HTTP/1.1, without a length and not chunked': [http11, byHand({}, 'transfer-encoding')],
    'which is made from a stream': [
      http10,
      (_request, reply) => {
        const source = new Readable({ read() {} })
        source.push(text)
        return reply.send(source)
      }
    ]
  }
  for (const [what, [ask, begin]] of Object.entries(cases)) {
    test(what, async (t) => {
      const { app, cut } = await cutting(t, begin)
      const socket = net.connect(portOf(app), '127.0.0.1')
      cleanup(t, () => socket.destroy())
      const { begun, ended, head } = listen(socket, ask)
      await begun
      assert.doesNotMatch(head(), /content-length|transfer-encoding/i)
      await cut()
      assert.equal(await ended, 'ECONNRESET')
    })
  }

  test('over TLS, with the connection that carries it', async (t) => {
    const { app, cut } = await cutting(t, byHand(), { server: { https: certificate } })
    const socket = tls.connect({ port: portOf(app), host: '127.0.0.1', rejectUnauthorized: false })
    cleanup(t, () => socket.destroy())
    const { begun, ended } = listen(socket, http10)
    await begun
    await cut()
    assert.equal(await ended, 'ECONNRESET')
  })

  test('but over a unix socket, which cannot be reset: there its connection is ended', {
    skip: process.platform === 'win32' && 'Windows has pipes instead'
  }, async (t) => {
    const path = join(tmpdir(), `fastify-lifecycle-cut-${process.pid}.sock`)
    const { cut } = await cutting(t, byHand(), { where: { path } })
    const socket = net.connect(path)
    cleanup(t, () => socket.destroy())
    const { begun, ended } = listen(socket, http10)
    await begun
    await cut()
    assert.equal(await ended, 'end')
  })
})

describe('a response that says where it ends is cut before that, which its client sees', () => {
  const cases: Readonly<Record<string, readonly [begin: RouteHandlerMethod, scene?: Scene]>> = {
    'by a chunk that is missing': [byHand()],
    'by its length': [byHand({ 'content-length': '100' })],
    'by its length, which stands in writeHead': [
      (_request, reply) => {
        reply.hijack()
        reply.raw.writeHead(200, { 'content-length': 100 }).write(text)
      }
    ],
    'by a chunk that is missing, where it is compressed': [
      (_request, reply) => {
        const source = new Readable({ read() {} })
        // Incompressible, so that some of it comes out.
        source.push(Buffer.from(Array.from({ length: 300_000 }, () => Math.random() * 256)))
        reply.header('content-type', 'text/csv')
        return reply.send(source)
      },
      { add: (app) => app.register(compress, { threshold: 0 }) }
    ]
  }
  for (const [what, [begin, scene]] of Object.entries(cases)) {
    test(what, async (t) => {
      const { app, cut } = await cutting(t, begin, scene)
      const outgoing = http.get({ port: portOf(app), agent: false, headers: { 'accept-encoding': 'gzip' } })
      const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage]
      assert.equal(response.headers['content-encoding'], what.includes('compressed') ? 'gzip' : undefined)
      const failed = once(response.resume(), 'error')
      await once(response, 'data')
      await cut()
      const [error] = await failed
      assert.equal((error as NodeJS.ErrnoException).code, 'ECONNRESET')
      assert.equal(response.complete, false)
    })
  }

  for (const [what, server] of [
    ['without TLS', { http2: true }],
    ['with TLS', { http2: true, https: certificate }]
  ] as const) {
    test(`over HTTP/2 ${what}, by an error of the stream`, async (t) => {
      const { app, cut } = await cutting(t, byHand(), { server })
      const scheme = 'https' in server ? 'https' : 'http'
      const session = http2.connect(`${scheme}://127.0.0.1:${portOf(app)}`, { rejectUnauthorized: false })
      session.on('error', () => {})
      cleanup(t, () => session.destroy())
      const stream = session.request({ ':path': '/' })
      const failed = once(stream, 'error')
      stream.on('end', () => assert.fail('looks whole'))
      await once(stream, 'data')
      await cut()
      const [error] = await failed
      assert.equal((error as NodeJS.ErrnoException).code, 'ERR_HTTP2_STREAM_ERROR')
      assert.equal(stream.rstCode, http2.constants.NGHTTP2_INTERNAL_ERROR)
    })
  }
})

test('a request that is cut before its response begins gets none', async (t) => {
  const asked = latch()
  const { app, cut } = await cutting(t, () => {
    asked.open()
    return new Promise((resolve) => Object.assign(app.server, { resolve }))
  })
  const answer = request(portOf(app), '/')
  const failed = assert.rejects(answer, { code: 'ECONNRESET' })
  await asked.opened
  await cut()
  await failed
})

test('the answer before it on the same connection arrives whole', async (t) => {
  const first = latch()
  const { app, cut } = await cutting(t, byHand(), {
    add: (app) =>
      app.get('/first', async () => {
        first.open()
        return 'first'
      })
  })
  const socket = net.connect(portOf(app), '127.0.0.1')
  cleanup(t, () => socket.destroy())
  const { begun, ended, head } = listen(socket, `GET /first HTTP/1.1\r\nHost: x\r\n\r\n${http11}`)
  await first.opened
  await begun
  await cut()
  assert.equal(await ended, 'end')
  assert.match(head(), /200/)
})
