import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { describe, type TestContext, test } from 'node:test'
import Fastify, { type FastifyInstance, type RouteHandlerMethod } from 'fastify'
import type { Traffic as ATraffic } from '../../../lib/requests/traffic.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request, Wire } from '../../support/client.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

// Connections and turns of the event loop are real. Time stands still until a test lets it pass, so nothing
// is cut, shed or given up because a machine is slow.
const time = new VirtualTime()
const { Traffic } = await time.load(() => import('../../../lib/requests/traffic.ts'))
const { Budget } = await import('../../../lib/time/budget.ts')
const { usualBody } = await import('../../../lib/requests/rejection.ts')
const { QuietMoment } = await import('../../../lib/connections/quiet-moment.ts')
const { latch, portOf } = await import('../../support/in-process.ts')

const settings = {
  retryAfter: [1, 1],
  rejection: usualBody,
  websocket: { code: 1012, reason: 'service restart' }
} as const
const get = 'GET / HTTP/1.1\nHost: x\n\n'

type Responder = ConstructorParameters<typeof Traffic>[2]

interface Scene {
  readonly respond?: Responder
  readonly routes?: (app: FastifyInstance) => void
}

/** An app that listens, with nothing of the plugin but its traffic. */
async function watched(t: TestContext, { respond = () => false, routes = () => {} }: Scene = {}) {
  const app = Fastify()
  const traffic = new Traffic(app, settings, respond)
  app.addHook('preParsing', traffic.gate.hook)
  traffic.watch()
  routes(app)
  cleanup(t, async () => {
    await traffic.stop.atOnce()
    await app.close()
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const open = () => {
    const wire = new Wire(portOf(app))
    cleanup(t, () => wire.socket.destroy())
    return wire
  }
  return { app, traffic, open }
}

/** The drain of so many ms; no work answers on a WebSocket. */
function finish(traffic: ATraffic, limit: number, onTold = async () => {}): Promise<void> {
  return traffic.finish(new Budget(limit), { workOn: () => undefined, onTold, timeToCut: () => 60_000 })
}

/** A route whose handler begins when it is asked, and answers when it is told to. */
function held() {
  const [asked, answer] = [latch(), latch()]
  const handler: RouteHandlerMethod = async () => {
    asked.open()
    await answer.opened
    return 'held'
  }
  return { asked: asked.opened, answer: answer.open, routes: (app: FastifyInstance) => app.get('/', handler) }
}

/** An app whose request is in flight, of a shutdown that has begun. */
async function inFlight(t: TestContext, { isInHurry = true } = {}) {
  const { asked, answer, routes } = held()
  const { app, traffic, open } = await watched(t, { routes })
  const wire = open()
  wire.send(get)
  await asked
  traffic.observe({ isInHurry, since: 0 })
  return { app, traffic, open, wire, answer }
}

/** Resolves when as many requests are in flight. Each turn of the event loop may bring that about. */
async function untilInFlight({ flight }: { readonly flight: { readonly count: number } }, count: number) {
  while (flight.count !== count) await new Promise((resolve) => setImmediate(resolve))
}

describe('before a shutdown', () => {
  test('a responder has each request before Fastify, and is in flight like it', async (t) => {
    const respond: Responder = (incoming, response, postpone) => {
      if (incoming.url !== '/readyz') return false
      // Later than Fastify would answer.
      postpone(() => setImmediate(() => response.end(`${traffic.flight.count} in flight`)))
      return true
    }
    const handled: string[] = []
    const routes = (app: FastifyInstance) => {
      app.get('/:name', async ({ url }) => {
        handled.push(url)
        return 'by Fastify'
      })
    }
    const { app, traffic } = await watched(t, { respond, routes })
    assert.equal((await request(portOf(app), '/readyz')).body, '1 in flight')
    assert.equal((await request(portOf(app), '/other')).body, 'by Fastify')
    assert.deepEqual(handled, ['/other'])
  })

  test('nothing is counted, and no connection is told to end', async (t) => {
    const { app, traffic, open } = await watched(t, { routes: (app) => app.get('/', async () => 'ok') })
    const wire = open()
    wire.send(get)
    await wire.receives('ok')
    assert.match(wire.received, /connection: keep-alive/i)
    await request(portOf(app), '/')
    traffic.observe({ isInHurry: true, since: 0 })
    assert.deepEqual(traffic.tally, {
      inFlight: 0,
      completed: 0,
      rejected: 0,
      aborted: 0,
      cut: [],
      cutCount: 0,
      left: [],
      leftCount: 0
    })
  })
})

describe('from the start of a shutdown on', () => {
  test('it is counted what was in flight, and how each request ends', async (t) => {
    const { traffic, open, wire, answer } = await inFlight(t)
    const gone = open()
    gone.send(get)
    await untilInFlight(traffic, 2)
    gone.socket.destroy()
    while (![...traffic.flight].some(({ isClientGone }) => isClientGone)) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal(traffic.flight.count, 2, 'its handler is still at work')
    answer()
    await wire.receives('held')
    await untilInFlight(traffic, 0)
    assert.deepEqual(traffic.tally, {
      inFlight: 1,
      completed: 1,
      rejected: 0,
      aborted: 1,
      cut: [],
      cutCount: 0,
      left: [],
      leftCount: 0
    })
  })

  test('what is in flight when the report is written is cut by that, and nothing that was decided', async (t) => {
    const { traffic, answer, wire } = await inFlight(t)
    const [cut, ...others] = traffic.tally.cut
    assert.deepEqual([cut?.route, cut?.method, others], ['/', 'GET', []])
    const [exchange] = traffic.flight
    Object.assign(exchange as object, { isClientGone: true })
    assert.deepEqual([traffic.tally.cut, traffic.tally.left.map(({ route }) => route)], [[], ['/']])
    Object.assign(exchange as object, { isClientGone: false })
    for (const fate of ['rejected', 'ignored', 'cut'] as const) {
      for (const exchange of traffic.flight) Object.assign(exchange, { fate })
      assert.deepEqual([traffic.tally.cut, traffic.tally.left], [[], []], fate)
    }
    answer()
    await wire.receives('held')
  })

  test('a request that waits for the shutdown is not cut by the report that is written meanwhile', async (t) => {
    const { traffic, answer, wire } = await inFlight(t)
    const [exchange] = traffic.flight
    assert.equal(traffic.tallySoFar.cutCount, 1)
    assert.equal(traffic.waiting.callerWith({ raw: {} as IncomingMessage }), undefined)
    traffic.waiting.callerWith({ raw: exchange?.request as IncomingMessage })?.excuse(() => {})
    assert.deepEqual([traffic.tallySoFar.cutCount, traffic.tally.cutCount], [0, 1])
    answer()
    await wire.receives('held')
  })

  test('a connection that was answered on before the drain is expected to be used again', async (t) => {
    const used = t.mock.method(QuietMoment.prototype, 'used').mock
    const { traffic, wire, answer } = await inFlight(t)
    assert.equal(used.callCount(), 0)
    answer()
    await wire.receives('held')
    await untilInFlight(traffic, 0)
    assert.equal(used.callCount(), 1)
  })

  test('what arrives is noted for the quiet moment, and nothing that came before', async (t) => {
    const seen: boolean[] = []
    const { request: note } = QuietMoment.prototype
    type Note = typeof note
    const look = function (this: typeof QuietMoment.prototype, ...given: Parameters<Note>) {
      seen.push(this.hasSeenAny)
      note.apply(this, given)
      seen.push(this.hasSeenAny)
    }
    t.mock.method(QuietMoment.prototype, 'request', look)
    const { traffic, open } = await watched(t)
    const wire = open()
    wire.send(get)
    await wire.receives('HTTP/1.1 404')
    traffic.observe({ isInHurry: true, since: 0 })
    wire.send(get)
    await wire.receives('HTTP/1.1 404', 2)
    assert.deepEqual(seen, [false, true])
  })
})

describe('shedding', () => {
  test('ends no connection in the first half of its window, and in the last quarter each, with its response', async (t) => {
    const { traffic, open } = await watched(t, { routes: (app) => app.get('/', async () => 'ok') })
    traffic.observe({ isInHurry: false, since: 0 })
    traffic.shed(4_000)
    await time.pass(2_000)
    const wire = open()
    wire.send(get)
    await wire.receives('ok')
    assert.match(wire.received, /connection: keep-alive/i)
    await time.pass(1_000)
    wire.send(get)
    assert.equal(await wire.ended, 'end')
    assert.match(wire.received, /connection: close[\s\S]*ok$/i)
  })

  test('ends silent connections in a window that is long enough, and in no shorter one', async (t) => {
    const { app, traffic, open } = await watched(t)
    const accepted = once(app.server, 'connection')
    const wire = open()
    await accepted
    traffic.observe({ isInHurry: true, since: 0 })
    const before = time.timers
    traffic.shed(4_799)
    assert.equal(time.timers, before)
    traffic.shed(4_800)
    assert.equal(time.timers, before + 1)
    await time.pass(4_800)
    assert.equal(await wire.ended, 'end')
  })

  test('ends no silent connection any more when the drain has begun', async (t) => {
    const { traffic } = await watched(t)
    traffic.observe({ isInHurry: true, since: 0 })
    const before = time.timers
    traffic.shed(60_000)
    await finish(traffic, 1_000)
    assert.equal(time.timers, before)
  })
})

describe('handing over to others', () => {
  test('stops listening, and ends each connection with its next response', async (t) => {
    const { app, traffic, open, wire, answer } = await inFlight(t)
    const idle = open()
    idle.send('GET /nowhere HTTP/1.1\nHost: x\n\n')
    await idle.receives('404')
    assert.match(idle.received, /connection: keep-alive/i)
    await time.until(traffic.handOver(60_000))
    assert.equal(app.server.listening, false)
    answer()
    idle.send(get)
    for (const one of [wire, idle]) {
      assert.equal(await one.ended, 'end')
      assert.match(one.received, /HTTP\/1\.1 200[\s\S]*connection: close[\s\S]*held$/i)
    }
    assert.equal(traffic.afterHandOver, 1)
    await time.until(finish(traffic, 0))
  })

  for (const [kind, idleFor, lasts] of [
    ['was used lately up to a second', 900, 1_000],
    ['is idle for longer no time', 1_100, 25]
  ] as const) {
    test(`gives a connection that ${kind} to be used once more`, async (t) => {
      const { traffic, open } = await watched(t)
      const wire = open()
      wire.send(get)
      await wire.receives('404')
      await time.pass(idleFor)
      traffic.observe({ isInHurry: false, since: 0 })
      await time.until(traffic.handOver(60_000))
      const begin = time.now
      await time.until(finish(traffic, 60_000))
      assert.equal(time.now - begin, lasts)
    })
  }

  test('gives connections half of the time of the drain at most', async (t) => {
    const { traffic, open } = await watched(t)
    const wire = open()
    wire.send(get)
    await wire.receives('404')
    traffic.observe({ isInHurry: false, since: 0 })
    await time.until(traffic.handOver(60_000))
    const begin = time.now
    await time.until(finish(traffic, 600))
    assert.equal(time.now - begin, 300)
  })

  test('needs no time once nobody is connected any more', async (t) => {
    const { traffic, open } = await watched(t)
    const wire = open()
    wire.send('GET / HTTP/1.1\nHost: x\n\n')
    await wire.receives('404')
    traffic.observe({ isInHurry: false, since: 0 })
    await time.until(traffic.handOver(60_000))
    const begin = time.now
    const finished = finish(traffic, 60_000)
    wire.socket.destroy()
    await finished
    assert.equal(time.now, begin)
  })

  test('serves what comes in the drain, and waits for it', async (t) => {
    const { asked, answer, routes } = held()
    const { traffic, open } = await watched(t, { routes })
    const wire = open()
    wire.send('GET /nowhere HTTP/1.1\nHost: x\n\n')
    await wire.receives('404')
    traffic.observe({ isInHurry: false, since: 0 })
    await time.until(traffic.handOver(60_000))
    let isOver = false
    const finished = finish(traffic, 60_000).then(() => {
      isOver = true
    })
    await time.pass(100)
    wire.send(get)
    await asked
    await time.pass(5_000)
    assert.equal(isOver, false)
    answer()
    assert.equal(await wire.ended, 'end')
    assert.match(wire.received, /HTTP\/1\.1 200[\s\S]*connection: close[\s\S]*held$/i)
    await time.until(finished)
    const { completed, rejected } = traffic.tally
    assert.deepEqual([completed, rejected, traffic.afterHandOver], [1, 0, 1])
  })
})

describe('the drain', () => {
  test('is over when what was in flight is answered, and rejects what comes later', async (t) => {
    const { app, traffic, wire, answer } = await inFlight(t)
    let isOver = false
    const finished = finish(traffic, 30_000).then(() => {
      isOver = true
    })
    const { status, headers } = await request(portOf(app), '/')
    assert.deepEqual([status, headers['retry-after'], headers.connection], [503, '1', 'close'])
    assert.equal(isOver, false)
    answer()
    await finished
    assert.equal(await wire.ended, 'end')
    assert.match(wire.received, /connection: close[\s\S]*held$/i)
    assert.deepEqual(traffic.tally, {
      inFlight: 1,
      completed: 1,
      rejected: 1,
      aborted: 0,
      cut: [],
      cutCount: 0,
      left: [],
      leftCount: 0
    })
  })

  test('is over at once where nothing is in flight, and ends no idle connection', async (t) => {
    const { traffic, open } = await watched(t)
    const wire = open()
    wire.send(get)
    await wire.receives('HTTP/1.1 404')
    traffic.observe({ isInHurry: true, since: 0 })
    await finish(traffic, 30_000)
    wire.send(get)
    await wire.receives('503')
  })

  test('ends the connection also of who is answered as before', async (t) => {
    const respond: Responder = (_request, response) => {
      response.end('alive')
      return true
    }
    const { traffic, open } = await watched(t, { respond })
    const wire = open()
    traffic.observe({ isInHurry: true, since: 0 })
    await finish(traffic, 30_000)
    wire.send(get)
    assert.equal(await wire.ended, 'end')
    assert.match(wire.received, /connection: close[\s\S]*alive$/i)
  })

  test('cuts what is still in flight 100 ms after its limit', async (t) => {
    const { traffic, wire } = await inFlight(t)
    const finished = finish(traffic, 500)
    await time.pass(599)
    assert.deepEqual([traffic.flight.count, [...traffic.flight][0]?.fate], [1, undefined])
    await time.pass(1)
    await finished
    assert.equal(await wire.ended, 'end')
    assert.equal(wire.received, '')
    const { cut, completed, aborted } = traffic.tally
    assert.deepEqual([cut.map(({ route }) => route), completed, aborted], [['/'], 0, 0])
  })

  test('ends a response that would go on for ever, and cuts none', async (t) => {
    const begun = latch()
    const routes = (app: FastifyInstance) => {
      app.get('/', { config: { lifecycle: { longLived: true } } }, (_request, reply) => {
        reply.hijack()
        reply.raw.write('begun')
        begun.open()
      })
    }
    const { traffic, open } = await watched(t, { routes })
    const wire = open()
    wire.send(get)
    await begun.opened
    traffic.observe({ isInHurry: true, since: 0 })
    await finish(traffic, 30_000)
    assert.equal(await wire.ended, 'end')
    assert.match(wire.received, /begun\r\n0\r\n\r\n$/)
    assert.deepEqual([traffic.tally.completed, traffic.tally.cut], [1, []])
  })

  for (const isInHurry of [true, false]) {
    test(`${isInHurry ? 'expects no' : 'expects a'} next request on the connections where it is ${isInHurry ? '' : 'not '}in a hurry`, async (t) => {
      const { traffic, open } = await watched(t)
      const wire = open()
      wire.send(get)
      await wire.receives('HTTP/1.1 404')
      const { mock } = t.mock.method(QuietMoment.prototype, 'expectAgain')
      traffic.observe({ isInHurry, since: 0 })
      await finish(traffic, 30_000)
      assert.equal(mock.callCount(), isInHurry ? 0 : 1)
    })
  }
})

describe('the stop', () => {
  test('waits for what is in flight, unless that was cut or is ignored', async (t) => {
    const seen: boolean[] = []
    t.mock.method(QuietMoment.prototype, 'settled', async (isBusy: () => boolean) => {
      for (const fate of [undefined, 'rejected', 'cut', 'ignored'] as const) {
        for (const exchange of traffic.flight) Object.assign(exchange, { fate })
        seen.push(isBusy())
      }
    })
    const { traffic } = await inFlight(t)
    await time.until(traffic.stop.politely(60_000))
    assert.deepEqual(seen, [true, true, false, false])
  })

  test('holds back what a responder postpones, until the listener is closed', async (t) => {
    const events: string[] = []
    const asked = latch()
    const respond: Responder = (_request, response, postpone) => {
      postpone(() => {
        events.push(`answered, ${app.server.listening ? 'still' : 'not'} listening`)
        response.end('not ready')
      })
      events.push('asked')
      asked.open()
      return true
    }
    const { app, traffic, open } = await watched(t, { respond })
    traffic.observe({ isInHurry: true, since: 0 })
    await finish(traffic, 0)
    const accepted = once(app.server, 'connection')
    const wire = open()
    await accepted
    const stopped = traffic.stop.politely(60_000)
    wire.send(get)
    await asked.opened
    await time.until(stopped)
    await wire.ended
    assert.deepEqual(events, ['asked', 'answered, not listening'])
    assert.match(wire.received, /not ready$/)
  })
})
