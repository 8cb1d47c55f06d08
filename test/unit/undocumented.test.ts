import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import diagnostics from 'node:diagnostics_channel'
import { once } from 'node:events'
import fs from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net, { type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { promisify } from 'node:util'
import Fastify, { type FastifyInstance, type FastifyReply, type RouteHandlerMethod } from 'fastify'
import fp from 'fastify-plugin'
import { isAnswering } from '../../lib/connections/exchange.ts'
import {
  isListenerOfStream,
  makeWatchable,
  noteAwaited,
  watchSettling
} from '../../lib/undocumented/settling.ts'
import {
  abortSignalOf,
  afterLastResponse,
  carrierOf,
  currentBoot,
  endsWithConnection,
  isUsingFiles,
  keepConnections,
  otherServers,
  parentOf,
  rehearseClose,
  responseOn,
  serverOf,
  stopAccepting,
  takePreCloseHooks,
  trustsProxy
} from '../../lib/undocumented.ts'
import { certificate } from '../fixtures/certificate.ts'
import { cleanup } from '../support/cleanup.ts'
import { request, Wire } from '../support/client.ts'
import { latch, listenTwice, portOf } from '../support/in-process.ts'

// Each test here says what Node.js or Fastify does today without promising it. A test that fails with a new
// release tells what to change in lib/undocumented.ts.

const here = { port: 0, host: '127.0.0.1' }
const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

/** Every server that speaks HTTP/1.1, and a client that connects to it. */
const transports: Readonly<
  Record<string, readonly [make: () => net.Server, connect: typeof connectPlainly]>
> = {
  'HTTP/1.1': [() => http.createServer(), connectPlainly],
  HTTPS: [() => https.createServer(certificate), connectSecurely],
  'HTTP/1.1 on a server of HTTP/2': [
    () => http2.createSecureServer({ ...certificate, allowHTTP1: true }),
    connectSecurely
  ]
}

function connectPlainly(port: number): Socket {
  return net.connect(port, '127.0.0.1')
}

function connectSecurely(port: number): Socket {
  return tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
}

async function listening<Server extends net.Server>(t: TestContext, server: Server): Promise<Server> {
  cleanup(t, () => server.close())
  await once(server.listen(here), 'listening')
  return server
}

/** A client with an open connection that reads nothing before it is told to. */
function clientOf(t: TestContext, server: net.Server, connect = connectPlainly): Socket {
  const client = connect((server.address() as AddressInfo).port)
  cleanup(t, () => client.destroy())
  return client
}

/** The next request that a server has got. */
async function nextRequest(server: net.Server): Promise<{ socket: Socket; response: ServerResponse }> {
  const [{ socket }, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
  return { socket, response }
}

/** Sends a request, has the server answer it, and reads the answer. */
async function ask(client: Socket, server: net.Server, text: string): Promise<void> {
  const answered = new Promise<void>((resolve) => {
    let received = ''
    const read = (chunk: Buffer) => {
      received += chunk
      if (!received.endsWith(text)) return
      client.off('data', read)
      resolve()
    }
    client.on('data', read)
  })
  client.write(get)
  const { response } = await nextRequest(server)
  response.end(text)
  await answered
}

describe('responseOn', () => {
  for (const [name, [make, connect]] of Object.entries(transports)) {
    test(`is the response until its last byte is handed over, with ${name}`, async (t) => {
      const server = await listening(t, make())
      const client = clientOf(t, server, connect)
      client.write(get)
      const { socket, response } = await nextRequest(server)
      assert.equal(responseOn(socket), response)
      response.end(Buffer.alloc(32 * 1024 * 1024))
      // Its client reads nothing, so most of it cannot be handed over yet.
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(response.writableEnded, true)
      assert.equal(responseOn(socket), response)
      const closed = once(response, 'close')
      client.resume()
      await closed
      assert.equal(responseOn(socket), null)
    })
  }

  test('is undefined where no request has come yet, and on what is no socket of HTTP', async (t) => {
    const server = await listening(t, http.createServer())
    const accepted = once(server, 'connection')
    clientOf(t, server)
    const [socket] = (await accepted) as [Socket]
    assert.equal(responseOn(socket) ?? undefined, undefined)
    assert.equal(responseOn({}), undefined)
  })

  test('is the first of pipelined responses, and then the second', async (t) => {
    const server = await listening(t, http.createServer())
    const client = clientOf(t, server)
    const requests: { socket: Socket; response: ServerResponse }[] = []
    const bothCame = latch()
    server.on('request', ({ socket }, response) => {
      if (requests.push({ socket, response }) === 2) bothCame.open()
    })
    client.resume().write(get + get)
    await bothCame.opened
    const [first, second] = requests as [(typeof requests)[0], (typeof requests)[0]]
    assert.equal(first.socket, second.socket)
    assert.equal(responseOn(first.socket), first.response)
    assert.equal(second.response.socket, null)
    const closed = once(first.response, 'close')
    first.response.end()
    await closed
    assert.equal(responseOn(first.socket), second.response)
    second.response.end()
  })

  test('is, while it is there, what makes a connection count as in use', async (t) => {
    const server = await listening(t, http.createServer())
    const client = clientOf(t, server)
    client.resume().write(get)
    const { socket, response } = await nextRequest(server)
    assert.equal(isAnswering(socket), true)
    const closed = once(response, 'close')
    response.end()
    await closed
    assert.equal(isAnswering(socket), false)
  })
})

describe('serverOf', () => {
  for (const [name, [make, connect]] of Object.entries(transports)) {
    test(`is the server that a request came to, with ${name}`, async (t) => {
      const server = await listening(t, make())
      clientOf(t, server, connect).write(get)
      const { socket, response } = await nextRequest(server)
      assert.equal(serverOf(socket), server)
      response.end()
    })
  }

  test('is known when Node.js publishes that a connection was accepted', async (t) => {
    const server = await listening(t, net.createServer())
    const servers: unknown[] = []
    const look = (message: unknown) => servers.push(serverOf((message as { socket: Socket }).socket))
    diagnostics.subscribe('net.server.socket', look)
    cleanup(t, () => diagnostics.unsubscribe('net.server.socket', look))
    const accepted = once(server, 'connection')
    const client = clientOf(t, server)
    await accepted
    assert.deepEqual(servers, [server])
    // No server has accepted it.
    assert.equal(serverOf(client) ?? undefined, undefined)
  })
})

describe('afterLastResponse', () => {
  for (const [name, [make, connect]] of Object.entries(transports)) {
    test(`acts instead of Node.js, which would destroy the connection, with ${name}`, async (t) => {
      const server = await listening(t, make())
      const client = clientOf(t, server, connect)
      let calls = 0
      const done = latch()
      server.once('request', ({ socket }) =>
        afterLastResponse(socket, () => {
          calls++
          done.open()
        })
      )
      await ask(client, server, 'not the last')
      client.write(get)
      const { socket, response } = await nextRequest(server)
      assert.equal(calls, 0)
      response.setHeader('connection', 'close')
      response.end('the last')
      await done.opened
      await new Promise((resolve) => setImmediate(resolve))
      assert.deepEqual([calls, socket.destroyed, socket.writable], [1, false, true])
    })
  }
})

test('closing a server that never listened does nothing, and what listens stays', async (t) => {
  const server = net.createServer()
  server.listen(here)
  await once(server, 'listening')
  cleanup(t, () => server.close())
  rehearseClose()
  assert.equal(server.listening, true)
})

describe('stopAccepting', () => {
  test('leaves idle connections open, which the own `close` of the server ends', async (t) => {
    const server = await listening(t, http.createServer())
    const client = clientOf(t, server)
    await ask(client, server, 'before')
    const { port } = server.address() as AddressInfo
    stopAccepting(server)
    assert.equal(server.listening, false)
    const [refused] = await once(net.connect(port, '127.0.0.1'), 'error')
    assert.equal((refused as NodeJS.ErrnoException).code, 'ECONNREFUSED')
    await ask(client, server, 'after')
    const ended = once(client, 'close')
    server.close()
    await ended
  })

  test('does nothing to a server that does not listen', async () => {
    const server = http.createServer().on('close', () => assert.fail('closed'))
    stopAccepting(server)
    await new Promise((resolve) => setImmediate(resolve))
  })
})

describe('keepConnections', () => {
  /** An app that listens on both addresses of localhost, with an idle connection to its second server. */
  async function secondServer(t: TestContext, forceCloseConnections: boolean | 'idle') {
    const app = Fastify({ forceCloseConnections })
    cleanup(t, () => app.close())
    app.get('/', async () => 'ok')
    const { port, address } = await listenTwice(app)
    let server: net.Server | undefined
    const look = (message: unknown) => {
      server = serverOf((message as { socket: Socket }).socket)
    }
    diagnostics.subscribe('net.server.socket', look)
    cleanup(t, () => diagnostics.unsubscribe('net.server.socket', look))
    const wire = new Wire(port, address)
    cleanup(t, () => wire.socket.destroy())
    wire.send('GET / HTTP/1.1\nHost: x\n\n')
    await wire.receives('ok')
    return { app, wire, second: server as http.Server }
  }

  for (const [force, way] of [
    ['idle', 'closeIdleConnections'],
    [true, 'closeAllConnections']
  ] as const) {
    test(`stands in for ${way}, by which Fastify cuts the second server when the first closes`, async (t) => {
      const { app, wire, second } = await secondServer(t, force)
      const { mock } = t.mock.method(second, way)
      stopAccepting(app.server)
      await wire.ended
      assert.ok(mock.callCount() >= 1)
    })

    test(`keeps ${way} from ending any connection`, async (t) => {
      const { app, wire, second } = await secondServer(t, force)
      keepConnections(second)
      const closed = once(app.server, 'close')
      stopAccepting(app.server)
      await closed
      second[way]()
      wire.send('GET / HTTP/1.1\nHost: x\n\n')
      await wire.receives('ok', 2)
      assert.equal(wire.hasEnded, false)
    })
  }
})

test('isUsingFiles shows that the thread pool opens, reads or writes a file', {
  skip: process.platform === 'win32' && 'Windows has no FIFO in the file system'
}, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'fifo-'))
  cleanup(t, () => rm(directory, { recursive: true }))
  const path = join(directory, 'fifo')
  execFileSync('mkfifo', [path])
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  await turn()
  assert.equal(isUsingFiles(), false)

  // A FIFO keeps whoever opens it waiting for the other end, and whoever reads it for something to read.
  const opened = promisify(fs.open)(path, 'r')
  assert.equal(isUsingFiles(), true)
  const writing = fs.openSync(path, 'w')
  cleanup(t, () => fs.closeSync(writing))
  const reading = await opened
  cleanup(t, () => fs.closeSync(reading))
  await turn()
  assert.equal(isUsingFiles(), false)

  const read = promisify(fs.read)(reading, Buffer.alloc(1), 0, 1, null)
  await turn()
  assert.equal(isUsingFiles(), true)
  fs.writeSync(writing, 'x')
  await read
  await turn()
  assert.equal(isUsingFiles(), false)

  const written = promisify(fs.write)(writing, 'y')
  assert.equal(isUsingFiles(), true)
  await written
})

test("abortSignalOf aborts Fastify's `request.signal`, and the answer still arrives", async (t) => {
  const app = Fastify()
  cleanup(t, () => app.close())
  // Fastify has it since 5.8.
  const hasSignal = app.version.localeCompare('5.8.0', undefined, { numeric: true }) >= 0
  app.get('/', async (incoming) => {
    const { signal } = incoming as { signal?: AbortSignal }
    const before = signal?.aborted
    abortSignalOf(incoming.raw)
    return `${before}, ${signal?.aborted}`
  })
  await app.listen(here)
  const { status, body } = await request(portOf(app), '/')
  assert.deepEqual([status, body], [200, hasSignal ? 'false, true' : 'undefined, undefined'])
})

test('trustsProxy is what Fastify was given, and no where there is no such field', () => {
  assert.equal(trustsProxy(Fastify()), false)
  for (const trustProxy of [true, '10.0.0.0/8']) assert.equal(trustsProxy(Fastify({ trustProxy })), true)
  assert.equal(trustsProxy({} as FastifyInstance), false)
})

test('parentOf is the instance that an encapsulated one was made from, and undefined for the root', async (t) => {
  const root = Fastify()
  cleanup(t, () => root.close())
  let child: FastifyInstance | undefined
  let grandchild: FastifyInstance | undefined
  let open: FastifyInstance | undefined
  await root.register(async (instance) => {
    child = instance
    await instance.register(async (inner) => {
      grandchild = inner
    })
    await instance.register(
      fp(async (inner) => {
        open = inner
      })
    )
  })
  assert.equal(parentOf(root), undefined)
  assert.equal(parentOf(child as FastifyInstance), root)
  assert.equal(parentOf(grandchild as FastifyInstance), child)
  assert.equal(open, child)
})

describe('currentBoot', () => {
  test('is the same until the boot is over, and another afterwards', async (t) => {
    const app = Fastify()
    cleanup(t, () => app.close())
    const during: unknown[] = []
    app.addHook('onReady', async () => {
      during.push(currentBoot(app), currentBoot(app))
    })
    const boot = app.ready()
    await boot
    assert.deepEqual(
      during.map((one) => one === boot),
      [true, true]
    )
    assert.notEqual(currentBoot(app), boot)
  })

  test('is the same for ever where the boot fails: the app is never taken for ready', async (t) => {
    const app = Fastify()
    cleanup(t, () => app.close())
    app.addHook('onReady', async () => {
      throw new Error('not today')
    })
    const boot = app.ready()
    await assert.rejects(async () => boot, /not today/)
    assert.equal(currentBoot(app), boot)
  })
})

describe('carrierOf', () => {
  for (const [name, [make, connect]] of Object.entries(transports)) {
    test(`is a plain socket that can be reset, with ${name}`, async (t) => {
      const server = await listening(t, make())
      const client = clientOf(t, server, connect).resume()
      client.write(get)
      const { socket } = await nextRequest(server)
      const carrier = carrierOf(socket)
      assert.equal('encrypted' in carrier, false)
      assert.equal(carrier === socket, name === 'HTTP/1.1')
      const failed = once(client, 'error')
      carrier.resetAndDestroy()
      const [error] = await failed
      assert.equal((error as NodeJS.ErrnoException).code, 'ECONNRESET')
    })
  }
})

describe('endsWithConnection', () => {
  const [http10, http11] = ['GET / HTTP/1.0\r\n\r\n', get]
  const responses: readonly [
    what: string,
    request: string,
    begin: (response: ServerResponse) => void,
    answer: boolean
  ][] = [
    ['a response of HTTP/1.0', http10, (response) => response.write('a'), true],
    ['one with a length', http10, (response) => response.setHeader('content-length', 9).write('a'), false],
    ['a response of HTTP/1.1, which is chunked', http11, (response) => response.write('a'), false],
    ['one with a length', http11, (response) => response.setHeader('content-length', 9).write('a'), false],
    [
      'one whose length stands in writeHead',
      http11,
      (response) => response.writeHead(200, { 'content-length': 9 }).write('a'),
      false
    ],
    [
      'one that says `Connection: close`, and is still chunked',
      http11,
      (response) => response.setHeader('connection', 'close').write('a'),
      false
    ],
    [
      'one whose `Transfer-Encoding` was taken away',
      http11,
      (response) => {
        response.removeHeader('transfer-encoding')
        response.write('a')
      },
      true
    ]
  ]
  for (const [what, text, begin, answer] of responses) {
    test(`is ${answer} for ${what}, to a request of ${text.slice(6, 14)}`, async (t) => {
      const server = await listening(t, http.createServer())
      const client = clientOf(t, server)
      client.write(text)
      const { response } = await nextRequest(server)
      begin(response)
      assert.equal(endsWithConnection(response), answer)
      const [head] = await once(client, 'data')
      assert.equal(/^(content-length|transfer-encoding):/im.test(String(head)), !answer)
      response.destroy()
    })
  }
})

describe('watchSettling', () => {
  /** How often a watched reply tells of a handler whose client has gone, from its return to the end of all that follows. */
  async function callsFor(
    t: TestContext,
    handle: (reply: FastifyReply) => unknown,
    add: (app: FastifyInstance) => void = () => {}
  ): Promise<number> {
    const app = Fastify()
    cleanup(t, () => app.close())
    makeWatchable(app)
    add(app)
    let calls = 0
    const [asked, over] = [latch(), latch()]
    const handler: RouteHandlerMethod = async (_incoming, reply) => {
      asked.open()
      await once(reply.raw, 'close')
      watchSettling(reply, () => calls++)
      setImmediate(() => setImmediate(over.open))
      return handle(reply)
    }
    app.get('/', handler)
    await app.listen(here)
    const wire = new Wire(portOf(app))
    wire.send('GET / HTTP/1.1\nHost: x\n\n')
    await asked.opened
    wire.socket.destroy()
    await over.opened
    return calls
  }

  test('calls back where a handler returns nothing, because Fastify sends nothing then', async (t) => {
    assert.ok((await callsFor(t, () => undefined)) > 0)
  })

  test('calls back where an error handler returns nothing', async (t) => {
    const fail = () => {
      throw new Error('no')
    }
    assert.ok((await callsFor(t, fail, (app) => app.setErrorHandler(async () => {}))) > 0)
    const sendsError = (reply: FastifyReply) => void reply.send(new Error('no'))
    assert.ok((await callsFor(t, sendsError, (app) => app.setErrorHandler(async () => {}))) > 0)
    // Fastify marks what is thrown and no `Error`.
    const failOddly = () => Promise.reject({ statusCode: 400 })
    assert.ok((await callsFor(t, failOddly, (app) => app.setErrorHandler(async () => {}))) > 0)
  })

  test('does not where a handler awaits its reply, which settles when the client leaves', async (t) => {
    const wait = async (reply: FastifyReply) => {
      await reply
    }
    assert.equal(await callsFor(t, wait, noteAwaited), 0)
    assert.equal(await callsFor(t, (reply) => reply, noteAwaited), 0)
    assert.ok((await callsFor(t, wait)) > 0, 'because it was noted that it is awaited')
  })

  for (const [what, handle] of [
    ['a handler returns a value', () => 'value'],
    ['a handler sends a Response without a body', () => new Response(null)],
    ['a handler sends a web stream', () => new ReadableStream()],
    ['a handler sends', (reply: FastifyReply) => reply.send('sent')],
    [
      'a handler throws',
      () => {
        throw new Error('no')
      }
    ]
  ] as const) {
    test(`does not where ${what}: that passes through the response`, async (t) => {
      assert.equal(await callsFor(t, handle), 0)
    })
  }

  test('sees what a reply sends whose own methods or fields hide the others', async (t) => {
    const sent: unknown[] = []
    const patch = (app: FastifyInstance) =>
      app.addHook('onRequest', async (_request, reply) => {
        const { send } = reply
        reply.send = function (payload) {
          sent.push(payload)
          return send.call(this, payload)
        }
      })
    assert.equal(await callsFor(t, () => 'answer', patch), 0)
    assert.deepEqual(sent, ['answer'])
    assert.ok((await callsFor(t, () => undefined, patch)) > 0)
    // Fastify gives a reply the field before it calls an error handler.
    const fail = () => {
      throw new Error('no')
    }
    let calls = 0
    const app = Fastify()
    cleanup(t, () => app.close())
    makeWatchable(app)
    app.setErrorHandler(async (_error, _request, reply) => {
      watchSettling(reply, () => calls++)
      assert.equal(reply.sent, false)
      return 'handled'
    })
    app.get('/', async () => fail())
    assert.equal((await app.inject('/')).body, 'handled')
    assert.equal(calls, 0)
  })

  test('leaves a reply as it was for the app', async (t) => {
    const app = Fastify()
    cleanup(t, () => app.close())
    const seen: unknown[] = []
    makeWatchable(app)
    app.get('/:way', (incoming, reply) => {
      watchSettling(reply, () => {})
      // Twice is as good as once.
      watchSettling(reply, () => {})
      seen.push(reply.sent)
      if (incoming.url === '/hijacked') {
        reply.hijack()
        seen.push(reply.sent)
        reply.raw.end('mine')
      } else reply.code(201).send({ sent: true })
      seen.push(reply.sent)
    })
    assert.equal((await app.inject('/hijacked')).body, 'mine')
    const { statusCode, body } = await app.inject('/sent')
    assert.deepEqual([statusCode, body], [201, '{"sent":true}'])
    assert.deepEqual(seen, [false, true, true, false, true])
  })

  test('leaves a reply that is awaited as it was for the app', async (t) => {
    const app = Fastify()
    cleanup(t, () => app.close())
    noteAwaited(app)
    app.get('/', async (_request, reply) => {
      setImmediate(() => reply.send('sent'))
      await reply
    })
    assert.equal((await app.inject('/')).body, 'sent')
    noteAwaited({} as FastifyInstance)
  })

  test('is not prepared where Fastify has no such field, or no such replies', () => {
    const symbol = Symbol('fastify.Reply')
    const replies = { prototype: { hijack() {} } }
    const decorateReply = () => assert.fail('decorated')
    for (const app of [{}, { [symbol]: {} }, { [symbol]: replies }]) {
      makeWatchable({ ...app, decorateReply } as unknown as FastifyInstance)
    }
  })
})

describe('isListenerOfStream', () => {
  /** What a reply listens to of its response, once its client has gone, and that tells of a stream. */
  async function eventsOf(
    t: TestContext,
    handle: (reply: FastifyReply) => unknown,
    add: (app: FastifyInstance) => void = noteAwaited
  ): Promise<(string | symbol)[]> {
    const app = Fastify()
    cleanup(t, () => app.close())
    add(app)
    const events: (string | symbol)[] = []
    const [asked, over] = [latch(), latch()]
    app.get('/', async (_incoming, reply) => {
      asked.open()
      await once(reply.raw, 'close')
      reply.raw.on('newListener', (event, listener) => {
        if (isListenerOfStream(event, listener)) events.push(event)
      })
      setImmediate(() => setImmediate(over.open))
      return handle(reply)
    })
    await app.listen(here)
    const wire = new Wire(portOf(app))
    wire.send('GET / HTTP/1.1\nHost: x\n\n')
    await asked.opened
    wire.socket.destroy()
    await over.opened
    return events
  }

  for (const [what, stream] of [
    ['a stream', () => Readable.from(['a'])],
    ['a web stream', () => new ReadableStream()],
    ['a Response with one', () => new Response('a')],
    ['a stream by hand', (reply: FastifyReply) => void Readable.from(['a']).pipe(reply.raw)]
  ] as const) {
    test(`says so where ${what} is sent`, async (t) => {
      assert.ok((await eventsOf(t, stream)).length > 0)
    })
  }

  const wait = async (reply: FastifyReply) => {
    await reply
  }
  for (const [what, handle] of [
    ['a text is sent', () => 'text'],
    ['a handler returns nothing', () => undefined],
    ['a handler returns its reply', (reply: FastifyReply) => reply],
    ['a handler awaits its reply', wait],
    ['a handler listens to errors itself', (reply: FastifyReply) => void reply.raw.on('error', () => {})]
  ] as const) {
    test(`does not where ${what}`, async (t) => {
      assert.deepEqual(await eventsOf(t, handle), [])
    })
  }

  test('does where a handler awaits its reply and nobody has noted that', async (t) => {
    assert.deepEqual(await eventsOf(t, wait, () => {}), ['error'])
  })
})

describe('otherServers', () => {
  test('are those that listen for the other addresses of localhost', async (t) => {
    const app = Fastify()
    cleanup(t, () => app.close())
    assert.deepEqual(otherServers(app), [])
    const { address, port } = await listenTwice(app)
    const [other, ...more] = otherServers(app)
    assert.deepEqual(more, [])
    assert.notEqual(other, app.server)
    assert.deepEqual({ ...(other?.address() as AddressInfo) }, { address, port, family: 'IPv6' })
  })

  test('are none where the app listens on one address', async (t) => {
    const app = Fastify()
    cleanup(t, () => app.close())
    await app.listen(here)
    assert.deepEqual(otherServers(app), [])
  })

  test('are none where Fastify does not say', () => {
    assert.deepEqual(otherServers({} as FastifyInstance), [])
  })
})

describe('takePreCloseHooks', () => {
  test('takes them in the order in which Fastify runs them, with the instance that each belongs to', async () => {
    const appOf = async (seen: [name: string, instance: FastifyInstance][]) => {
      const app = Fastify()
      const add = (instance: FastifyInstance, name: string) =>
        instance.addHook('preClose', async function (this: FastifyInstance) {
          seen.push([name, this])
        })
      await app.register(async (child) => {
        add(child, 'child')
        await child.register(async (inner) => {
          add(inner, 'grandchild')
        })
      })
      await app.register(async (sibling) => {
        add(sibling, 'sibling')
      })
      add(app, 'root')
      await app.ready()
      return app
    }
    const [byFastify, byUs]: [string, FastifyInstance][][] = [[], []] as never
    await (await appOf(byFastify as never)).close()
    const app = await appOf(byUs as never)
    for (const { hook, instance } of takePreCloseHooks(app)) await hook.call(instance, () => {})
    const names = byFastify?.map(([name]) => name)
    assert.equal(names?.length, 4)
    assert.deepEqual(
      byUs?.map(([name]) => name),
      names
    )
    for (const [name, instance] of byUs ?? []) {
      assert.equal(parentOf(instance) === undefined, name === 'root', name)
    }
    await app.close()
    assert.equal(byUs?.length, 4, 'Fastify runs none that was taken')
  })

  test('are none where Fastify does not say', () => {
    assert.deepEqual(takePreCloseHooks({} as FastifyInstance), [])
  })
})
