import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { beforeEach, describe, test } from 'node:test'
import type { FastifyReply } from 'fastify'
import type { Exchange as AnExchange } from '../../../lib/connections/exchange.ts'
import type { InFlight } from '../../../lib/requests/in-flight.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const time = new VirtualTime()
const { Drain } = await time.load(() => import('../../../lib/requests/drain.ts'))
const { Exchange } = await import('../../../lib/connections/exchange.ts')

beforeEach(() => time.forget())

function anExchange(fate?: AnExchange['fate']): AnExchange {
  return Object.assign(new Exchange({} as ServerResponse), { fate })
}

/** A request to a route that says what it does in the drain. */
function routed(whileDraining: 'serve' | 'reject'): AnExchange {
  const request = { routeOptions: { config: { lifecycle: { whileDraining } } } }
  return Object.assign(anExchange(), { reply: { request } as FastifyReply })
}

/** A drain that begins while these are in flight. */
function drainOf(...exchanges: AnExchange[]) {
  return new Drain(exchanges as Iterable<AnExchange> as InFlight)
}

describe('the drain admits', () => {
  test('what was in flight when it began, and nothing that comes later', () => {
    const [early, late] = [anExchange(), anExchange()]
    const drain = drainOf(early)
    assert.deepEqual([drain.isAdmitted(early), drain.isAdmitted(late)], [true, false])
  })

  test('what has left meanwhile, still', () => {
    const exchange = anExchange()
    const drain = drainOf(exchange)
    drain.departed(exchange)
    assert.equal(drain.isAdmitted(exchange), true)
  })

  test('nothing that is ignored behind the last response of its connection', async () => {
    const ignored = anExchange('ignored')
    const drain = drainOf(ignored)
    assert.equal(drain.isAdmitted(ignored), false)
    assert.deepEqual(await drain.settled(60_000), [])
  })

  test('a request to a route that is served while draining, but does not wait for it', async () => {
    const served = routed('serve')
    const drain = drainOf(served)
    assert.equal(drain.isAdmitted(served), true)
    assert.deepEqual(await drain.settled(60_000), [])
  })

  test('a request to any other route, and waits for it', async () => {
    const rejected = routed('reject')
    assert.deepEqual(await time.until(drainOf(rejected).settled(500)), [rejected])
  })
})

describe('the drain is settled', () => {
  test('at once where nothing is in flight', async () => {
    assert.deepEqual(await drainOf().settled(60_000), [])
    assert.equal(time.timers, 0)
  })

  test('when the last one that it waits for has left', async () => {
    const [first, last, stranger] = [anExchange(), anExchange(), anExchange()]
    const drain = drainOf(first, last)
    let left: readonly AnExchange[] | undefined
    const settled = drain.settled(60_000).then((exchanges) => {
      left = exchanges
    })
    drain.departed(first)
    drain.departed(stranger)
    await time.pass(1_000)
    assert.equal(left, undefined)
    drain.departed(last)
    await settled
    assert.deepEqual([left, time.now, time.timers], [[], 1_000, 0])
  })

  test('at the limit with what is still in flight, and again when that has left', async () => {
    const [quick, slow] = [anExchange(), anExchange()]
    const drain = drainOf(quick, slow)
    const settled = drain.settled(500)
    drain.departed(quick)
    assert.deepEqual(await time.until(settled), [slow])
    assert.equal(time.now, 500)
    const again = drain.settled(100)
    drain.departed(slow)
    assert.deepEqual(await again, [])
    assert.equal(time.now, 500)
  })
})

describe('a late request', () => {
  test('is not waited for before it is said that late ones count', async () => {
    const drain = drainOf()
    drain.arrived(anExchange())
    assert.deepEqual(await drain.settled(60_000), [])
  })

  test('is waited for until the gate has decided about it', async () => {
    const [early, late] = [anExchange(), anExchange()]
    const drain = drainOf(early)
    drain.arrived(late)
    drain.includeLate()
    let isOver = false
    const settled = drain.settled(60_000).then(() => {
      isOver = true
    })
    drain.decided(early)
    drain.decided(late)
    await time.pass(1_000)
    assert.equal(isOver, false, 'what was admitted is waited for, whatever the gate decides')
    drain.departed(early)
    await settled
    assert.equal(time.now, 1_000)
  })

  test('is waited for until it has left, where it never reaches the gate', async () => {
    const late = anExchange()
    const drain = drainOf()
    drain.arrived(late)
    drain.includeLate()
    assert.deepEqual(await time.until(drain.settled(500)), [late])
    const settled = drain.settled(60_000)
    drain.departed(late)
    assert.deepEqual(await settled, [])
    assert.equal(time.now, 500)
  })

  test('is not waited for where it has been decided about, or has left, before late ones count', async () => {
    const [decided, gone] = [anExchange(), anExchange()]
    const drain = drainOf()
    drain.arrived(decided)
    drain.arrived(gone)
    drain.decided(decided)
    drain.departed(gone)
    drain.includeLate()
    assert.deepEqual(await drain.settled(60_000), [])
  })

  test('is not waited for behind the last response of its connection', async () => {
    const drain = drainOf()
    drain.arrived(anExchange('ignored'))
    drain.includeLate()
    assert.deepEqual(await drain.settled(60_000), [])
  })

  test('does not keep the drain open where it comes after late ones were counted', async () => {
    const [first, second] = [anExchange(), anExchange()]
    const drain = drainOf()
    drain.arrived(first)
    drain.includeLate()
    drain.arrived(second)
    const settled = drain.settled(60_000)
    drain.departed(first)
    assert.deepEqual(await settled, [])
    drain.includeLate()
    assert.deepEqual(await time.until(drain.settled(500)), [second])
  })
})
