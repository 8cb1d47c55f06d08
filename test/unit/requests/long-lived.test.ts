import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import { PassThrough, Readable, Transform } from 'node:stream'
import { describe, type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import compress from '@fastify/compress'
import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { cleanup } from '../../support/cleanup.ts'
import { request } from '../../support/client.ts'
import { latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'
import { uncaught } from '../../support/uncaught.ts'

const here = { port: 0, host: '127.0.0.1' }
const isGet = ({ method }: FastifyRequest) => method === 'GET'

/** A route such as of MCP: an endless stream for GET, and a finite answer for POST. */
async function mixed(t: TestContext, longLived: (request: FastifyRequest) => boolean) {
  const lines: { code?: string; level: number; route?: string; err?: Error }[] = []
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
  const app = await makeApp(t, {}, { logger: { stream } })
  const [streaming, asked, answer] = [latch(), latch(), latch()]
  cleanup(t, answer.open)
  app.route({
    method: ['GET', 'POST'],
    url: '/mcp',
    config: { lifecycle: { longLived } },
    async handler({ method }, reply) {
      if (method === 'GET') {
        reply.hijack()
        reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
        reply.raw.write('data: one\n\n')
        streaming.open()
        return
      }
      asked.open()
      await answer.opened
      return 'finite'
    }
  })
  await app.listen(here)
  return { app, lines, streaming: streaming.opened, asked: asked.opened, answer: answer.open }
}

describe('`longLived` as a function', () => {
  test('tells for each request: one is ended, and the other is waited for and never told to come back', async (t) => {
    const { app, streaming, asked, answer } = await mixed(t, isGet)
    const stream = request(portOf(app), '/mcp')
    const finite = request(portOf(app), '/mcp', { method: 'POST' })
    await Promise.all([streaming, asked])
    const closed = app.close()
    assert.equal((await stream).body, 'data: one\n\n')
    assert.equal(app.lifecycle.phase, 'draining')
    for (const method of ['GET', 'POST']) {
      assert.equal((await request(portOf(app), '/mcp', { method })).status, 503)
    }
    answer()
    const { status, body } = await finite
    assert.deepEqual([status, body], [200, 'finite'])
    await closed
    const { outcome, requests } = app.lifecycle.report ?? {}
    assert.deepEqual([outcome, requests?.completed, requests?.rejected, requests?.cut], ['clean', 2, 2, []])
  })

  const fails = () => {
    throw new Error('from the function')
  }
  for (const [what, longLived, logged] of [
    ['that says something else', () => 'yes', []],
    ['that throws', fails, ['from the function']],
    ['that returns a promise', async () => true, ['must be a function that returns a boolean']],
    ['that rejects', async () => fails(), ['must be a function that returns a boolean']]
  ] as const) {
    test(`${what} says no, so the request is waited for, and the log says once why`, async (t) => {
      const errors = uncaught(t)
      const { app, asked, answer, lines } = await mixed(t, longLived as never)
      const finite = request(portOf(app), '/mcp', { method: 'POST' })
      await asked
      const closed = app.close()
      await phaseOf(app, 'draining')
      assert.equal((await request(portOf(app), '/mcp')).status, 503)
      answer()
      assert.equal((await finite).body, 'finite')
      await closed
      const said = lines.filter(({ code }) => code === 'LIFECYCLE_LONG_LIVED')
      assert.deepEqual(
        said.map(({ level, route }) => [level, route]),
        logged.map(() => [50, '/mcp'])
      )
      for (const message of logged) assert.match(String(said[0]?.err?.message), new RegExp(message))
      assert.deepEqual([errors, app.lifecycle.report?.outcome], [[], 'clean'])
    })
  }

  test('reaches the routes of a plugin by `onRoute`', async (t) => {
    const app = await makeApp(t)
    const streaming = latch()
    app.addHook('onRoute', (route) => {
      if (route.url === '/mcp') route.config = { ...route.config, lifecycle: { longLived: isGet } }
    })
    await app.register(async (plugin) => {
      plugin.get('/mcp', (_request, reply) => {
        reply.hijack()
        reply.raw.write('data: one\n\n')
        streaming.open()
      })
    })
    await app.listen(here)
    const stream = request(portOf(app), '/mcp')
    await streaming.opened
    await app.close()
    assert.equal((await stream).body, 'data: one\n\n')
    assert.equal(app.lifecycle.report?.outcome, 'clean')
  })
})

const longLived = { config: { lifecycle: { longLived: true } } }

describe('a `longLived` response is ended through what it is made from', () => {
  /** Sends an endless stream, and says when the client has its first part. */
  async function endless(
    t: TestContext,
    handler: RouteHandlerMethod,
    add?: (app: FastifyInstance) => unknown
  ) {
    const app = await makeApp(t)
    await add?.(app)
    app.get('/', longLived, handler)
    await app.listen(here)
    const outgoing = http.get({ port: portOf(app), agent: false, headers: { 'accept-encoding': 'gzip' } })
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    response.on('data', (chunk) => chunks.push(chunk))
    if (chunks.length === 0) await once(response, 'data')
    await Promise.all([once(response, 'end'), app.close()])
    assert.equal(response.complete, true)
    const { outcome, requests } = app.lifecycle.report ?? {}
    assert.deepEqual([outcome, requests?.completed, requests?.cut], ['clean', 1, []])
    const body = Buffer.concat(chunks)
    return (response.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()
  }

  const events = (stream: Readable & { write?(text: string): unknown }) => {
    if (stream.write === undefined) stream.push('data: one\n\n')
    else stream.write('data: one\n\n')
    return stream
  }
  const sources: Readonly<Record<string, () => Readable>> = {
    'a Readable': () => events(new Readable({ read() {} })),
    'a PassThrough': () => events(new PassThrough()),
    'an async generator': () =>
      Readable.from(
        (async function* () {
          yield 'data: one\n\n'
          await new Promise(() => {})
        })()
      )
  }
  for (const [what, make] of Object.entries(sources)) {
    test(`${what}`, async (t) => {
      assert.equal(await endless(t, (_request, reply) => reply.send(make())), 'data: one\n\n')
    })
  }

  test('so what an onSend hook wraps it in ends well, too', async (t) => {
    const body = await endless(
      t,
      (_request, reply) => reply.send(events(new PassThrough())),
      (app) =>
        app.addHook('onSend', async (_request, _reply, payload) =>
          (payload as Readable).pipe(
            new Transform({
              transform(chunk, _encoding, done) {
                done(null, String(chunk).toUpperCase())
              },
              flush(done) {
                done(null, 'THE END')
              }
            })
          )
        )
    )
    assert.equal(body, 'DATA: ONE\n\nTHE END')
  })

  test('so a compressed one is whole', async (t) => {
    // So long that the first part of it comes out of gzip before the end.
    const line = () => `data: ${Math.random()}\n\n`
    const text = Array.from({ length: 20_000 }, line).join('')
    const body = await endless(
      t,
      (_request, reply) => {
        const source = new PassThrough()
        source.write(text)
        reply.header('content-type', 'text/event-stream')
        return reply.send(source)
      },
      (app) => app.register(compress, { threshold: 0, customTypes: /event-stream/ })
    )
    assert.equal(body.length, text.length)
    assert.ok(body === text)
  })

  test('and an error of the source then does no harm', async (t) => {
    const source = new PassThrough()
    const body = endless(t, (_request, reply) => {
      source.once('finish', () => source.emit('error', new Error('too late')))
      return reply.send(events(source))
    })
    assert.equal(await body, 'data: one\n\n')
  })
})
