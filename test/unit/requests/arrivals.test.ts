import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { beforeEach, describe, test } from 'node:test'
import { VirtualTime } from '../../support/virtual-time.ts'

const time = new VirtualTime()
const { Arrivals } = await time.load(() => import('../../../lib/requests/arrivals.ts'))
const { now } = await time.load(() => import('../../../lib/time/clock.ts'))

beforeEach(() => time.forget())

const from = (remoteAddress: string | undefined) => ({ remoteAddress })
const on = (socket: object) => ({ socket }) as IncomingMessage

describe('requests that arrive after the shutdown has begun', () => {
  test('are counted by when they came, on which connections, and from where', async () => {
    const [kept, opened, other] = [from('10.0.0.1'), from('::ffff:10.0.0.1'), from('10.0.0.2')]
    const arrivals = new Arrivals([kept], now())
    await time.pass(100)
    arrivals.note(on(kept))
    await time.pass(100)
    arrivals.note(on(opened))
    arrivals.drainBegins()
    await time.pass(100)
    arrivals.note(on(other))
    assert.deepEqual(arrivals.tally, {
      ...{ count: 3, afterDrain: 1, last: 300, onNew: 2, onKept: 1 },
      addresses: [
        { address: '10.0.0.1', count: 2, last: 200 },
        { address: '10.0.0.2', count: 1, last: 300 }
      ],
      others: 0
    })
  })

  test('on HTTP/2 are known by their session', () => {
    const session = {}
    const arrivals = new Arrivals([session], now())
    const stream = (of: object) => ({ stream: { session: of }, socket: from('10.0.0.1') })
    arrivals.note(stream(session) as unknown as IncomingMessage)
    arrivals.note(stream({}) as unknown as IncomingMessage)
    assert.deepEqual([arrivals.tally?.onKept, arrivals.tally?.onNew], [1, 1])
  })

  test('name five addresses, however many there are', () => {
    const arrivals = new Arrivals([], now())
    for (let host = 0; host < 1_000; host++) arrivals.note(on(from(`10.0.${host >> 8}.${host & 255}`)))
    assert.equal(arrivals.tally?.addresses.length, 5)
    assert.deepEqual([arrivals.tally?.count, arrivals.tally?.others], [1_000, 995])
  })

  test('from this machine, or through a unix socket, do not count', () => {
    const arrivals = new Arrivals([], now())
    for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1', undefined]) {
      arrivals.note(on(from(address)))
    }
    assert.equal(arrivals.tally, undefined)
  })
})
