import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { bystanders, slowReader } from '../../../drill/clients/bystanders.ts'
import { Connection, codeOf, messageOf } from '../../../drill/clients/connection.ts'
import type { Ground } from '../../../drill/clients/crowd.ts'
import { get, probePathOf, startProbing } from '../../../drill/clients/probes.ts'
import { openStream } from '../../../drill/clients/stream.ts'
import { openWebSocket } from '../../../drill/clients/websocket.ts'
import type { DrillSetup, Target } from '../../../drill/setup.ts'
import { Tally } from '../../../drill/tally.ts'
import { certificate } from '../../fixtures/certificate.ts'
import { until } from '../../support/until.ts'

const plain = { method: 'GET', headers: [], body: '' } as const

/** A TCP server that does this with each connection once the head of a request is there. */
async function server(t: TestContext, answer: (socket: Socket, head: string) => unknown): Promise<Target> {
  const sockets = new Set<Socket>()
  const listener = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (data) => answer(socket, String(data)))
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    listener.close()
  })
  return { host: '127.0.0.1', port: (listener.address() as AddressInfo).port, isSecure: false }
}

function groundAt(target: Target): Ground & { readonly giveUp: AbortController } {
  const giveUp = new AbortController()
  const setup = { paths: ['/'], request: plain } as unknown as DrillSetup
  return { setup, target, tally: new Tally(), over: giveUp.signal, giveUp }
}

/** As Promise.withResolvers(), which Node.js 20 does not have. */
function resolvers(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

async function connect(target: Target): Promise<Connection> {
  const opening = await Connection.open(target)
  assert.ok(opening.isOpen)
  return opening.connection
}

const nobody: Target = { host: '127.0.0.1', port: 1, isSecure: false }

describe('a connection of a drill', () => {
  const ends: readonly [what: string, bytes: string, how: 'end' | 'resetAndDestroy', kind: string][] = [
    ['is lost, if the server ends it before a response', '', 'end', 'lost'],
    ['is lost, if the server resets it', '', 'resetAndDestroy', 'lost'],
    [
      'is cut, if a response with a length is short',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhell',
      'end',
      'cut'
    ],
    [
      'is answered, if the end of the connection is the end of the body',
      'HTTP/1.1 200 OK\r\n\r\nhello',
      'end',
      'answered'
    ],
    ['is cut, if a reset is that end', 'HTTP/1.1 200 OK\r\n\r\nhello', 'resetAndDestroy', 'cut'],
    ['is no HTTP, if something else is spoken', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'end', 'not-http']
  ]
  for (const [what, bytes, how, kind] of ends) {
    test(`has a request that ${what}`, async (t) => {
      const heard = resolvers()
      const target = await server(t, async (socket) => {
        socket.write(bytes)
        if (bytes !== '') await heard.promise
        socket[how]()
      })
      const connection = await connect(target)
      connection.socket.on('data', () => heard.resolve())
      assert.equal((await connection.request(target, '/', plain)).kind, kind)
    })
  }

  test('that has ended already loses the request at once', async (t) => {
    const target = await server(t, () => {})
    const connection = await connect(target)
    connection.socket.destroy()
    await connection.ended
    assert.equal(connection.isUsable, false)
    assert.deepEqual(await connection.request(target, '/', plain), { kind: 'lost', code: 'closed' })
  })

  test('is refused where nobody listens, and where the drill is over', async () => {
    assert.deepEqual(await Connection.open(nobody), { isOpen: false, kind: 'refused', code: 'ECONNREFUSED' })
    const over = AbortSignal.abort()
    assert.deepEqual(await Connection.open(nobody, over), { isOpen: false, kind: 'refused', code: 'gave up' })
  })
})

describe('over TLS', () => {
  test('a connection does not ask who has signed the certificate', async (t) => {
    const secure = createSecureServer(certificate, (_, response) => response.end()).listen(0, '127.0.0.1')
    await once(secure, 'listening')
    t.after(() => secure.close())
    const { port } = secure.address() as AddressInfo
    const target = { host: '127.0.0.1', port, isSecure: true }
    assert.equal((await get(target, '/')).kind, 'answered')
  })

  test('what is no TLS is refused, with the message where there is no code', async (t) => {
    const target = await server(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const outcome = await get({ ...target, isSecure: true } as Target, '/')
    assert.ok(outcome.kind === 'refused' && outcome.code !== '')
    assert.deepEqual(
      [new Error('no code'), Object.assign(new Error('a code'), { code: 'ECODE' })].map(codeOf),
      ['no code', 'ECODE']
    )
  })
})

describe('a request of a drill', () => {
  const target: Target = { host: '::1', port: 3_000, isSecure: false }
  test('has the headers of the user, and a length where there is a body, or where the method has one', () => {
    const own = {
      ...plain,
      headers: [
        ['Host', 'a.test'],
        ['USER-AGENT', 'me']
      ] as const
    }
    assert.equal(messageOf(target, '/', own), 'GET / HTTP/1.1\r\nHost: a.test\r\nUSER-AGENT: me\r\n\r\n')
    for (const [method, body, length] of [
      ['POST', '', 0],
      ['PUT', '', 0],
      ['PATCH', 'ä', 2],
      ['DELETE', 'x', 1]
    ] as const)
      assert.match(
        messageOf(target, '/', { ...plain, method, body }),
        new RegExp(`\r\nContent-Length: ${length}\r\n`)
      )
    assert.doesNotMatch(messageOf(target, '/', plain), /Content-Length/)
  })

  test('names its host: an IPv6 address in brackets, and localhost for a path', () => {
    assert.match(messageOf(target, '/', plain), /\r\nHost: \[::1\]:3000\r\n/)
    assert.match(messageOf({ socketPath: '/run/a', isSecure: false }, '/', plain), /\r\nHost: localhost\r\n/)
  })
})

describe('a bystander', () => {
  test('that cannot connect, or whose connection the server ends, tells nothing', async (t) => {
    assert.deepEqual(await bystanders(groundAt(nobody)), [])
    const target = await server(t, (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    )
    const ground = groundAt(target)
    t.after(() => ground.giveUp.abort())
    const kinds = (await bystanders(ground)).map(({ kind }) => kind)
    assert.deepEqual(kinds, ['silent'])
  })

  test('that reads slowly, and cannot connect, counts as a client only', async () => {
    const ground = groundAt(nobody)
    await slowReader(ground, 0)
    assert.equal(ground.tally.clients['slow reader'].all, 1)
    assert.equal(ground.tally.counts.before.refused, 0)
  })
})

describe('a stream of a drill', () => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

  test('is an error where nobody listens', async () => {
    await assert.rejects(
      openStream(groundAt(nobody), '/sse'),
      /The stream at \/sse was refused: ECONNREFUSED/
    )
  })

  test('is an error where the server ends the connection at once', async (t) => {
    const target = await server(t, (socket) => socket.end())
    await assert.rejects(openStream(groundAt(target), '/sse'), /it answered at once, and ended\. See --sse/)
  })

  test('comes in parts, the head too, and is cut in the middle', async (t) => {
    let end = () => {}
    const target = await server(t, (socket) => {
      socket.write(head.slice(0, 20))
      setImmediate(() => socket.write(head.slice(20)))
      end = () => socket.destroy()
    })
    const stream = await openStream(groundAt(target), '/sse')
    assert.equal(stream.how, undefined)
    end()
    await until(() => stream.how === 'cut')
  })

  test('that is open when the drill is over stays without an end', async (t) => {
    const target = await server(t, (socket) => socket.write(head))
    const ground = groundAt(target)
    const stream = await openStream(ground, '/sse')
    ground.giveUp.abort()
    await new Promise(setImmediate)
    assert.equal(stream.how, undefined)
  })
})

describe('a WebSocket of a drill', () => {
  const accepted = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
  const frame = (opcode: number, payload: Buffer): Buffer => {
    const { length } = payload
    const size =
      length < 126
        ? Buffer.from([length])
        : length < 65_536
          ? Buffer.from([126, length >> 8, length & 255])
          : Buffer.from([127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255])
    return Buffer.concat([Buffer.from([0x80 | opcode]), size, payload])
  }

  test('is an error where nobody listens, and where the server says nothing of an upgrade', async (t) => {
    await assert.rejects(
      openWebSocket(groundAt(nobody), '/ws'),
      /The WebSocket at \/ws was refused: ECONNREFUSED/
    )
    const target = await server(t, (socket) => socket.end())
    await assert.rejects(openWebSocket(groundAt(target), '/ws'), /it answered lost instead of 101/)
  })

  test('reads frames of all sizes in any parts, answers pings, and hears the code of the close frame', async (t) => {
    const bytes = Buffer.concat([
      frame(1, Buffer.alloc(200)),
      frame(1, Buffer.alloc(70_000)),
      frame(9, Buffer.from('ping')),
      frame(8, Buffer.from([0x03, 0xf4]))
    ])
    const heard: Buffer[] = []
    const target = await server(t, (socket, head) => {
      if (!head.startsWith('GET')) return
      socket.removeAllListeners('data')
      socket.on('data', (data) => heard.push(data))
      socket.write(accepted)
      const next = (at: number) => {
        if (at >= bytes.length) return
        const end = at + (at < 20 ? 1 : 40_000)
        socket.write(bytes.subarray(at, end), () => setImmediate(next, end))
      }
      next(0)
    })
    const end = await openWebSocket(groundAt(target), '/ws')
    await until(() => end.code !== undefined)
    assert.equal(end.code, 1012)
    // Two masked frames: the pong with four bytes, and the close frame with the code.
    await until(() => Buffer.concat(heard).length === 10 + 8)
    assert.deepEqual([Buffer.concat(heard)[0], Buffer.concat(heard)[10]], [0x8a, 0x88])
  })

  test('hears 1005 for a close frame without a code, and 1006 for none', async (t) => {
    for (const [last, code] of [
      [frame(8, Buffer.alloc(0)), 1005],
      [undefined, 1006]
    ] as const) {
      const target = await server(t, (socket, head) => {
        if (!head.startsWith('GET')) return
        socket.write(accepted)
        if (last === undefined) socket.end()
        else socket.write(last)
      })
      const end = await openWebSocket(groundAt(target), '/ws')
      await until(() => end.code !== undefined)
      assert.equal(end.code, code)
    }
  })

  test('that is open when the drill is over stays without an end', async (t) => {
    const target = await server(t, (socket, head) => head.startsWith('GET') && socket.write(accepted))
    const ground = groundAt(target)
    const end = await openWebSocket(ground, '/ws')
    ground.giveUp.abort()
    await new Promise(setImmediate)
    assert.deepEqual([end.code, end.closedAt], [undefined, undefined])
  })
})

describe('a probe of a drill', () => {
  test('that is not answered before the signal counts as status 0', async (t) => {
    const ground = groundAt(nobody)
    t.after(() => ground.giveUp.abort())
    assert.equal((await startProbing(ground, 'ready', '/readyz')).before, 0)
    assert.equal((await get(nobody, '/')).kind, 'refused')
  })

  test('tells refused from cut', async (t) => {
    const answers = [
      'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx',
      ''
    ]
    const target = await server(t, (socket) => socket.end(answers.shift() ?? ''))
    const ground = groundAt(target)
    t.after(() => ground.giveUp.abort())
    const probing = await startProbing(ground, 'live', '/livez')
    ground.tally.signal()
    await until(() => probing.changes.length > 0)
    assert.deepEqual([probing.before, probing.changes[0]?.answer], [200, 'cut'])
  })

  test('of an app that answers nothing as a probe does is none', async (t) => {
    const target = await server(t, (socket) =>
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    )
    const ground = groundAt(target)
    assert.equal(await probePathOf(ground, 'ready'), undefined)
  })

  test('is not looked for where every path answers', async (t) => {
    let asked = 0
    const target = await server(t, (socket) => {
      asked++
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
    assert.equal(await probePathOf(groundAt(target), 'live'), undefined)
    assert.equal(asked, 1)
  })
})
