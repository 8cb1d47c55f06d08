import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import WebSocket from 'ws'
import { request } from '../../test/support/client.ts'
import { connected, get, greet, keptAlive } from './clients.ts'
import { openFiles } from './open-files.ts'
import type { Running } from './running.ts'
import { type Scenario, tally } from './scenario.ts'

/** Connections of every kind that are open when the signal comes. */
export const connections: readonly Scenario[] = [
  {
    name: 'idle',
    title: 'An idle keep-alive connection',
    story: 'A client has got its answer, and keeps the connection.',
    setup: { deadline: 1_000 },
    right: 'any',
    hooks: 1,
    exit: 'clean',
    async act(running) {
      await request(running.port, '/', { agent: keptAlive(running) })
      running.signal()
      return {}
    }
  },
  {
    name: 'silent',
    title: 'A silent connection',
    story: 'A client has opened the connection and sent nothing, as browsers and health checks do.',
    setup: { deadline: 1_000 },
    right: 'any',
    hooks: 1,
    exit: 'clean',
    async act(running) {
      await connected(running)
      await running.turned()
      running.signal()
      return {}
    }
  },
  {
    name: 'half-a-head',
    title: 'Half a request head',
    story: 'A client has sent the beginning of a request and nothing more.',
    setup: { deadline: 1_000 },
    right: 'any',
    hooks: 1,
    exit: 'clean',
    async act(running) {
      const wire = await connected(running)
      wire.send('GET / HTTP/1.1\nHo')
      await running.turned()
      running.signal()
      return {}
    }
  },
  streaming({
    name: 'events',
    title: 'A stream of server-sent events',
    story:
      'The stream never ends by itself. It should be ended, so that the client reconnects elsewhere. fastify-lifecycle has an option for that. With the other packages, the app ends the stream in a `preClose` hook.'
  }),
  streaming({
    name: 'stream',
    title: 'A stream that the app ends in `preClose`',
    story: 'Fastify promises that `preClose` hooks run before it waits for requests in flight.'
  }),
  {
    name: 'websocket',
    title: 'An open WebSocket',
    story:
      'The client should get a close frame with a code that gives the reason. 1001 is "going away", 1012 is "service restart". 1005 means that there was no code, and 1006 that there was no close frame.',
    setup: { deadline: 1_000, websocket: true },
    right: ['1001', '1012'],
    poor: ['1005'],
    wrongly: 'no frame',
    hooks: 1,
    exit: 'clean',
    async act(running) {
      const socket = new WebSocket(`ws://127.0.0.1:${running.port}/socket`)
      running.afterwards(() => socket.terminate())
      socket.on('error', () => {})
      const closed = once(socket, 'close')
      await once(socket, 'open')
      await running.arrived('/socket')
      running.signal()
      const [code] = await closed
      return tally([String(code)])
    }
  },
  {
    name: 'http2-idle',
    title: 'An idle HTTP/2 session',
    story: 'The client should get GOAWAY. Otherwise it may lose its next request.',
    setup: { deadline: 1_000, transport: 'h2c' },
    right: ['GOAWAY'],
    poor: ['no GOAWAY'],
    hooks: 1,
    exit: 'clean',
    async act(running) {
      const session = await openSession(running)
      let told = false
      session.on('goaway', () => {
        told = true
      })
      await stream(session, '/')
      running.signal()
      await running.exited
      if (!session.destroyed) await once(session, 'close')
      return tally([told ? 'GOAWAY' : 'no GOAWAY'])
    }
  },
  {
    name: 'http2-in-flight',
    title: 'An HTTP/2 stream in flight',
    story: 'An answer takes 600 ms, on a session that the client keeps.',
    setup: { deadline: 1_500, transport: 'h2c' },
    right: ['200'],
    hooks: 1,
    exit: 'clean',
    async act(running) {
      const session = await openSession(running)
      const answer = stream(session, '/slow/600')
      await running.arrived('/slow/600')
      running.signal()
      return tally([await answer])
    }
  },
  {
    name: 'many',
    title: '5 000 connections, a tenth of them in flight',
    story:
      '4 500 clients are idle, and 500 wait for an answer that takes 500 ms. If the system allows fewer open files, there are as many connections as it allows.',
    setup: { deadline: 3_000 },
    right: ['200'],
    hooks: 1,
    exit: 'clean',
    alone: true,
    async act(running) {
      const sockets = await openMany(running.port, openFiles(5_000))
      running.afterwards(() => {
        for (const socket of sockets) socket.destroy()
      })
      const answers = sockets.slice(0, sockets.length / 10).map(answerOn)
      await greet(running)
      running.signal()
      return tally(await Promise.all(answers))
    }
  }
]

function streaming(about: Pick<Scenario, 'name' | 'title' | 'story'>): Scenario {
  return {
    ...about,
    setup: { deadline: 1_000 },
    right: ['ended'],
    poor: ['cut'],
    hooks: 1,
    exit: 'clean',
    async act(running) {
      const wire = await connected(running)
      wire.send(get(`/${about.name}`))
      await wire.receives('data: one')
      running.signal()
      await Promise.race([wire.ended, running.exited])
      return tally([wire.received.endsWith('\r\n0\r\n\r\n') ? 'ended' : 'cut'])
    }
  }
}

async function openSession(running: Running): Promise<http2.ClientHttp2Session> {
  const session = http2.connect(`http://127.0.0.1:${running.port}`)
  running.afterwards(() => session.destroy())
  session.on('error', () => {})
  await once(session, 'connect')
  return session
}

/** The status of an answer that came whole, or `lost`. */
function stream(session: http2.ClientHttp2Session, path: string): Promise<string> {
  const asked = session.request({ ':path': path })
  let status = 'lost'
  let hasEnded = false
  asked.on('response', (headers) => {
    status = String(headers[':status'])
  })
  asked.on('end', () => {
    hasEnded = true
  })
  asked.on('error', () => {})
  asked.resume()
  return new Promise((resolve) => {
    asked.once('close', () => resolve(hasEnded && asked.rstCode === 0 ? status : 'lost'))
  })
}

/** In portions, or the system's queue for new connections runs over. */
async function openMany(port: number, count: number): Promise<net.Socket[]> {
  const sockets: net.Socket[] = []
  while (sockets.length < count) {
    const portion = Array.from({ length: Math.min(200, count - sockets.length) }, () =>
      net.connect(port, '127.0.0.1').on('error', () => {})
    )
    await Promise.all(portion.map((socket) => once(socket, 'connect')))
    sockets.push(...portion)
  }
  return sockets
}

/** Asks, and keeps the connection after the answer. */
function answerOn(socket: net.Socket): Promise<string> {
  let received = ''
  socket.write('GET /quiet/500 HTTP/1.1\r\nHost: x\r\n\r\n')
  return new Promise((resolve) => {
    socket.on('data', (chunk) => {
      received += chunk
      if (received.endsWith('{"ok":true}')) resolve(received.slice(9, 12))
    })
    socket.once('close', () => resolve('lost'))
  })
}
