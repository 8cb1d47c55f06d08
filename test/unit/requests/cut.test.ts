import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { channels } from '../../../index.ts'
import { Exchange } from '../../../lib/connections/exchange.ts'
import type { Transports } from '../../../lib/connections/transports.ts'
import type { Upgrade } from '../../../lib/connections/websocket.ts'
import { Cuts } from '../../../lib/requests/cut.ts'
import type { Drain } from '../../../lib/requests/drain.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request } from '../../support/client.ts'
import { latch, makeApp, portOf } from '../../support/in-process.ts'
import { uncaught } from '../../support/uncaught.ts'

function aRequest(url: string): IncomingMessage {
  return Object.assign(new EventEmitter(), { method: 'GET', url, socket: {} }) as unknown as IncomingMessage
}

function anExchange(url: string): Exchange {
  return new Exchange({ req: aRequest(url) } as unknown as ServerResponse)
}

function anUpgrade(url: string): Upgrade {
  return { request: aRequest(url), socket: new Socket(), since: performance.now(), bytesBefore: 0 }
}

/** Cuts whose surroundings write down what happens, and let requests answer in their last moment. */
function watched(t: TestContext) {
  const events: string[] = []
  const settled = latch()
  /** What is not answered in the last moment. */
  const left = { exchanges: [] as readonly Exchange[], upgrades: [] as readonly Upgrade[] }
  const limits: number[] = []
  const log = {
    error: (fields: { request: { route: string } }) => events.push(`log ${fields.request.route}`)
  }
  const app = { log } as unknown as FastifyInstance
  const drain = {
    settled: async (limit: number) => {
      limits.push(limit)
      await settled.opened
      return left.exchanges
    },
    isWaitingFor: () => true
  } as unknown as Drain
  const transports = {
    cut: ({ request }: Exchange) => events.push(`cut ${request.url}`),
    webSockets: {
      answered: async (upgrades: readonly Upgrade[], limit: number) => {
        limits.push(limit)
        return upgrades.filter((upgrade) => left.upgrades.includes(upgrade))
      }
    }
  } as unknown as Transports
  const publish = ({ fastify, request }: { fastify: unknown; request: { route: string } }) =>
    events.push(`published ${request.route}${fastify === app ? '' : ' of another app'}`)
  channels.cut.subscribe(publish)
  cleanup(t, () => channels.cut.unsubscribe(publish))
  return { events, limits, left, settle: settled.open, drain, cuts: new Cuts(app, transports) }
}

/** Writes down when the handler of a request is notified. */
function note(events: string[], { request }: { request: IncomingMessage }): void {
  request.on('close', () => events.push(`told ${request.url}`))
}

describe('a request whose time is up', () => {
  test('is notified, and is not cut where it is answered in its last moment', async (t) => {
    const { events, limits, drain, cuts, settle } = watched(t)
    const [exchange, upgrade] = [anExchange('/quick'), anUpgrade('/chat')]
    note(events, exchange)
    note(events, upgrade)
    const made = cuts.make(drain, [exchange], [upgrade], 60_000)
    // Many are notified in turns, which a slow machine takes for two as well.
    while (events.length < 2) await new Promise((resolve) => setImmediate(resolve))
    settle()
    await made
    assert.deepEqual(events, ['told /quick', 'told /chat'])
    assert.deepEqual([exchange.fate, cuts.made.count, upgrade.socket.writableEnded], [undefined, 0, false])
    assert.deepEqual(limits, [100, 100])
  })

  test('is cut where it is not answered then: logged, published, and named, in this order', async (t) => {
    const { events, left, drain, cuts, settle } = watched(t)
    const [slow, slower] = [anExchange('/slow?token=secret'), anExchange('/slower')]
    left.exchanges = [slow, slower]
    const made = cuts.make(drain, left.exchanges, [], 60_000)
    assert.deepEqual([slow.fate, cuts.made.count], [undefined, 0])
    settle()
    await made
    assert.deepEqual(events, [
      ...['log /slow', 'published /slow', 'cut /slow?token=secret'],
      ...['log /slower', 'published /slower', 'cut /slower']
    ])
    assert.deepEqual([slow.fate, slower.fate], ['cut', 'cut'])
    assert.deepEqual(
      cuts.made.kept.map(({ id, method, route }) => [id, method, route]),
      [
        [null, 'GET', '/slow'],
        [null, 'GET', '/slower']
      ]
    )
  })

  test('has its connection ended politely where it was to become a WebSocket', async (t) => {
    const { events, left, drain, cuts, settle } = watched(t)
    const [answered, silent] = [anUpgrade('/answered'), anUpgrade('/silent')]
    left.upgrades = [silent]
    silent.socket.pause()
    settle()
    await cuts.make(drain, [], [answered, silent], 60_000)
    assert.deepEqual(events, ['log /silent', 'published /silent'])
    // What its client still sends is read, so that no reset destroys what was written.
    assert.deepEqual([silent.socket.writableEnded, silent.socket.isPaused()], [true, false])
    assert.equal(answered.socket.writableEnded, false)
    assert.equal(cuts.made.count, 1)
  })

  test('is notified although a listener of the one before throws, and that is an uncaught exception', async (t) => {
    const errors = uncaught(t)
    const { events, drain, cuts, settle } = watched(t)
    const [broken, sound] = [anExchange('/broken'), anExchange('/sound')]
    const failure = new Error('no')
    broken.request.on('close', () => {
      throw failure
    })
    note(events, sound)
    settle()
    await cuts.make(drain, [broken, sound], [], 60_000)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(events, ['told /sound'])
    assert.deepEqual(errors, [failure])
  })
})

describe('the report of a cut request', () => {
  test('says its path, without the query, where it hung before it was routed', async (t) => {
    const app = await makeApp(t, { drainTimeout: 50 })
    const arrived = latch()
    app.addHook('onRequest', () => {
      arrived.open()
      return new Promise(() => {})
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const cut = request(portOf(app), '/orders?token=secret')
    cut.catch(() => {})
    await arrived.opened
    await app.close()
    await assert.rejects(cut)
    const [report] = app.lifecycle.report?.requests.cut ?? []
    assert.deepEqual({ ...report, age: 0 }, { id: null, method: 'GET', route: '/orders', age: 0 })
  })
})
