import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { Connections } from '../../../lib/connections/connections.ts'
import type { QuietMoment } from '../../../lib/connections/quiet-moment.ts'
import type { Servers } from '../../../lib/connections/servers.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const time = new VirtualTime()
const { Stop } = await time.load(() => import('../../../lib/connections/stop.ts'))
const { Parked } = await import('../../../lib/connections/parked.ts')

beforeEach(() => time.forget())

interface Scene {
  /** How many connections are open. */
  readonly count: number
  readonly areListening?: boolean
  readonly hasSeenAny?: boolean
  /** How long each wait takes, in ms. */
  readonly quiet?: number
  readonly pause?: number
  readonly settling?: number
  readonly answering?: number
  readonly ending?: number
  /** Whether requests wait for the shutdown. */
  readonly hasWaiting?: boolean
}

/** A stop that writes down what it does. */
function watched(scene: Scene) {
  const {
    count,
    areListening = true,
    hasSeenAny = false,
    quiet = 0,
    pause = 0,
    settling = 0,
    answering = 0,
    ending = 0,
    hasWaiting = false
  } = scene
  const events: string[] = []
  const lasting = async (what: string, ms: number) => {
    events.push(what)
    if (ms > 0) await time.sleep(ms)
  }
  const parked = new Parked()
  const answer = (name: string) => parked.postpone(() => events.push(name))
  const quietMoment = {
    hasSeenAny,
    quiet: (intervals: number) => lasting(`quiet for ${intervals} intervals`, quiet),
    noNewcomers: (intervals: number) => lasting(`no newcomers for ${intervals} intervals`, quiet),
    async inPause(limit: number, act: () => void) {
      await lasting(`pause within ${limit} ms`, pause)
      act()
    },
    settled: (isBusy: () => boolean) => lasting(`settled, ${isBusy()}`, settling)
  } as unknown as QuietMoment
  const stop = new Stop({
    servers: {
      areListening,
      rehearse: () => events.push('rehearse'),
      stopListening: () => events.push('stop listening')
    } as unknown as Servers,
    connections: {
      count,
      end: () => lasting('end', ending),
      destroy: () => lasting('destroy', 0)
    } as unknown as Connections,
    quietMoment,
    parked,
    isAnswering: () => true,
    lastAnswers: () => lasting('last answers', answering),
    hasWaiting: () => hasWaiting,
    cutAll: async (spares) => void events.push(spares ? 'cut all but those that wait' : 'cut all')
  })
  return { stop, events, answer }
}

const atOnce = ['stop listening', 'cut all', 'destroy']

describe('the polite stop', () => {
  test('waits for quiet, closes the listeners in a pause, settles, waits for the last answers, and ends the connections', async () => {
    const { stop, events } = watched({ count: 2 })
    await time.until(stop.politely(60_000))
    assert.deepEqual(events, [
      ...[
        'quiet for 10 intervals',
        'rehearse',
        'pause within 1000 ms',
        'stop listening',
        'settled, true',
        'last answers',
        'end'
      ],
      ...atOnce
    ])
    assert.equal(time.timers, 0)
  })

  test('waits for no quiet where nothing has come and nothing is open', async () => {
    const { stop, events } = watched({ count: 0 })
    await time.until(stop.politely(60_000))
    assert.deepEqual(events, [
      'rehearse',
      ...['pause within 1000 ms', 'stop listening', 'last answers', 'end'],
      ...atOnce
    ])
  })

  test('waits for quiet where something came, although nothing is open any more', async () => {
    const { stop, events } = watched({ count: 0, hasSeenAny: true })
    await time.until(stop.politely(60_000))
    assert.deepEqual(events, [
      ...[
        'quiet for 10 intervals',
        'rehearse',
        'pause within 1000 ms',
        'stop listening',
        'last answers',
        'end'
      ],
      ...atOnce
    ])
  })

  test('waits for no pause where the listeners are closed already', async () => {
    const { stop, events } = watched({ count: 1, areListening: false })
    await time.until(stop.politely(60_000))
    assert.deepEqual(events, ['settled, true', 'last answers', 'end', ...atOnce])
  })

  test('gives the pause 250 ms where little time is left', async () => {
    const { stop, events } = watched({ count: 0 })
    await time.until(stop.politely(400))
    assert.equal(events[1], 'pause within 250 ms')
  })

  test('of accepting alone waits only until nobody connects, and for a pause', async () => {
    const { stop, events, answer } = watched({ count: 1, quiet: 100 })
    const stopped = stop.accepting(4_000, () => events.push('stopped'))
    answer('200')
    await time.until(stopped)
    assert.deepEqual(events, [
      ...[
        'no newcomers for 6 intervals',
        'rehearse',
        'pause within 1000 ms',
        'stop listening',
        'stopped',
        '200'
      ]
    ])
  })

  test('of accepting alone waits for nobody where nobody was there', async () => {
    const { stop, events } = watched({ count: 0 })
    await time.until(stop.accepting(4_000, () => {}))
    assert.deepEqual(events, ['rehearse', 'pause within 1000 ms', 'stop listening'])
  })

  test('holds answers back until the listeners are closed', async () => {
    const { stop, events, answer } = watched({ count: 1, quiet: 100, settling: 100 })
    const stopped = stop.politely(60_000)
    await time.pass(50)
    answer('503 before')
    await time.pass(100)
    answer('503 behind')
    await time.until(stopped)
    assert.deepEqual(events, [
      ...[
        'quiet for 10 intervals',
        'rehearse',
        'pause within 1000 ms',
        'stop listening',
        '503 before',
        'settled, true'
      ],
      ...['503 behind', 'last answers', 'end'],
      ...atOnce
    ])
  })

  test('spares requests that wait for the shutdown, and ends the other connections politely', async () => {
    const { stop, events, answer } = watched({ count: 1, quiet: 60_000, hasWaiting: true })
    const stopped = stop.politely(300)
    answer('503')
    await time.until(stopped)
    assert.deepEqual(events, [
      ...['quiet for 10 intervals', 'stop listening', '503', 'cut all but those that wait', 'end']
    ])
    events.length = 0
    await stop.atOnce()
    assert.deepEqual(events, atOnce)
  })

  const endless: Readonly<Record<string, Scene>> = {
    'quiet that never comes': { count: 1, quiet: 60_000 },
    'a pause that never comes': { count: 1, pause: 60_000 },
    'requests that are never settled': { count: 1, settling: 60_000 },
    'late requests that are never answered': { count: 1, answering: 60_000 },
    'clients that never end': { count: 1, ending: 60_000 }
  }
  for (const [what, scene] of Object.entries(endless)) {
    test(`does not wait for ${what} longer than its limit, and then sends what it held back`, async () => {
      const { stop, events, answer } = watched(scene)
      const stopped = stop.politely(300)
      answer('503')
      await time.until(stopped)
      assert.equal(time.now, 300)
      assert.ok(events.includes('503'))
      assert.deepEqual([events.at(-1), events.includes('stop listening')], ['destroy', true])
    })
  }
})

test('the stop at once closes the listeners, sends what is held back, cuts what is in flight, and destroys, in this order', async () => {
  const { stop, events, answer } = watched({ count: 1, quiet: 60_000 })
  const polite = stop.politely(30_000)
  answer('503')
  await stop.atOnce()
  assert.deepEqual(events, ['quiet for 10 intervals', 'stop listening', '503', 'cut all', 'destroy'])
  await time.until(polite)
})
