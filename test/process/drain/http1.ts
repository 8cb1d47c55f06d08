import { Wire } from '../../support/client.ts'
import { drain, holdDrain, type Observation, type RunningApp, type Scenario } from './observe.ts'

// What only HTTP/1 has: bytes on a wire, in an order that no library would send.

interface Http1Scenario {
  readonly name: string
  readonly setup?: Scenario['setup']
  readonly response: string
  readonly farewell?: string
  readonly exitCode?: number
  act(app: RunningApp, wire: Wire): Promise<string>
}

const get = (path: string, method = 'GET') => `${method} ${path} HTTP/1.1\nHost: x\n\n`

/** The status lines received, and what is not an error's body. */
function statuses({ received }: Wire): string {
  const lines = received.match(/HTTP\/1\.1 (\d{3})/g) ?? []
  return lines.map((line) => line.slice(9)).join(', ')
}

const scenarios: readonly Http1Scenario[] = [
  {
    name: 'silent socket',
    response: '',
    async act(app, wire) {
      await wire.connected
      app.kill('SIGTERM')
      await wire.ended
      return wire.received
    }
  },
  {
    name: 'half a request head',
    response: '',
    async act(app, wire) {
      wire.send('GET / HTTP/1.1\nHo')
      await wire.connected
      app.kill('SIGTERM')
      await wire.ended
      return wire.received
    }
  },
  {
    name: 'chunked upload that began before the drain',
    response: '200 got 10',
    async act(app, wire) {
      wire.send(
        'POST /upload HTTP/1.1\nHost: x\nContent-Type: text/plain\nTransfer-Encoding: chunked\n\n5\n01234\n'
      )
      await app.message({ arrived: '/upload' })
      await drain(app)
      wire.send('5\n56789\n0\n\n')
      await wire.receives('got 10')
      return `${statuses(wire)} got 10`
    }
  },
  {
    name: 'large upload that comes too late',
    setup: { hooks: [holdDrain] },
    response: '503',
    async act(app, wire) {
      await drain(app)
      const size = 4 * 1024 * 1024
      wire.send(`POST /upload HTTP/1.1\nHost: x\nContent-Type: text/plain\nContent-Length: ${size}\n\n`)
      wire.send('x'.repeat(size / 2))
      await wire.receives('FST_LIFECYCLE_DRAINING')
      wire.send('x'.repeat(size / 2))
      app.tell('release drain')
      return statuses(wire)
    }
  },
  {
    name: 'Expect: 100-continue, too late',
    setup: { hooks: [holdDrain] },
    response: '503',
    async act(app, wire) {
      await drain(app)
      wire.send(
        'POST /upload HTTP/1.1\nHost: x\nContent-Type: text/plain\nContent-Length: 3\nExpect: 100-continue\n\n'
      )
      await wire.receives('FST_LIFECYCLE_DRAINING')
      app.tell('release drain')
      return statuses(wire)
    }
  },
  {
    name: 'large response, begun to be read after the signal',
    response: '200 8388608 bytes',
    async act(app, wire) {
      wire.socket.pause()
      wire.send(get('/big'))
      await app.message({ arrived: '/big' })
      await drain(app)
      wire.socket.resume()
      await wire.ended
      return `${statuses(wire)} ${wire.received.split('\r\n\r\n')[1]?.length} bytes`
    }
  },
  {
    name: 'pipelined behind a request in flight',
    response: '200, 503',
    async act(app, wire) {
      wire.send(get('/held'))
      await app.message({ arrived: '/held' })
      await drain(app)
      wire.send(get('/?late'))
      await app.message({ arrived: '/?late' })
      app.tell('answer')
      await wire.ended
      return statuses(wire)
    }
  },
  {
    name: 'pipelined, all in flight',
    response: '200, 200',
    async act(app, wire) {
      wire.send(get('/held') + get('/held?second'))
      await app.message({ arrived: '/held?second' })
      await drain(app)
      app.tell('answer')
      await wire.ended
      return statuses(wire)
    }
  },
  {
    name: 'pipelined behind a response that said Connection: close',
    setup: { hooks: [holdDrain] },
    response: '503',
    async act(app, wire) {
      await drain(app)
      wire.send(get('/') + get('/').repeat(20))
      await wire.receives('FST_LIFECYCLE_DRAINING')
      wire.send(get('/held').repeat(20))
      await wire.ended
      app.tell('release drain')
      return [...new Set(statuses(wire).split(', '))].join(', ')
    }
  },
  {
    name: 'HEAD and 404, too late',
    setup: { hooks: [holdDrain] },
    response: '503, 503',
    async act(app, wire) {
      await drain(app)
      wire.send(get('/', 'HEAD'))
      const other = new Wire(app.port)
      other.send(get('/nowhere'))
      await Promise.all([wire.ended, other.ended])
      app.tell('release drain')
      return `${statuses(wire)}, ${statuses(other)}`
    }
  },
  {
    name: 'broken head during the drain',
    setup: { hooks: [holdDrain] },
    response: '400',
    async act(app, wire) {
      await drain(app)
      wire.send('GET / HTTP/1.1\nHost x\n\n')
      await wire.ended
      app.tell('release drain')
      return statuses(wire)
    }
  },
  {
    name: 'client that vanishes in the middle',
    response: '',
    async act(app, wire) {
      wire.send(get('/held'))
      await app.message({ arrived: '/held' })
      await drain(app)
      wire.socket.destroy()
      // The handler is waited for, although nobody hears its answer.
      app.tell('answer')
      return wire.received
    }
  },
  {
    name: 'handlerTimeout during the drain',
    response: '503',
    async act(app, wire) {
      wire.send(get('/limited'))
      await app.message({ arrived: '/limited' })
      await drain(app)
      await wire.ended
      return wire.received.includes('FST_ERR_HANDLER_TIMEOUT') ? statuses(wire) : wire.received
    }
  },
  {
    name: 'server-sent events, told by lifecycle.signal',
    response: '200 goodbye',
    async act(app, wire) {
      wire.send(get('/events-by-hand'))
      await app.message({ arrived: '/events-by-hand' })
      app.kill('SIGTERM')
      await wire.ended
      return `${statuses(wire)}${/goodbye\s+0\s+$/.test(wire.received) ? ' goodbye' : ''}`
    }
  },
  ...['/events', '/events-of-plugin'].map((path) => ({
    name: `server-sent events on a longLived route, ${path === '/events' ? 'by hand' : 'with @fastify/sse'}`,
    response: '200, complete',
    async act(app: RunningApp, wire: Wire) {
      wire.send(`GET ${path} HTTP/1.1\nHost: x\nAccept: text/event-stream\n\n`)
      await app.message({ arrived: path })
      app.kill('SIGTERM')
      await wire.ended
      return `${statuses(wire)}${/data: "?one[\s\S]*\r\n0\r\n\r\n$/.test(wire.received) ? ', complete' : ''}`
    }
  })),
  {
    name: 'long poll on a longLived route',
    response: '503',
    async act(app, wire) {
      wire.send(get('/poll'))
      await app.message({ arrived: '/poll' })
      app.kill('SIGTERM')
      await wire.ended
      return statuses(wire)
    }
  }
]

export const http1: readonly Scenario[] = scenarios.map(
  ({ name, setup = {}, response, farewell = 'FIN', exitCode = 0, act }) => ({
    name,
    transport: 'HTTP/1.1',
    setup,
    expected: { response, farewell, exitCode },
    async act(app: RunningApp): Promise<Observation> {
      const wire = new Wire(app.port)
      const seen = await act(app, wire)
      const last = performance.now()
      if (wire.socket.destroyed && !wire.hasEnded) return { response: seen, farewell: 'FIN', last }
      const ended = await wire.ended
      return { response: seen, farewell: ended === 'end' ? 'FIN' : 'reset', last }
    }
  })
)
