import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { beforeEach, mock, test } from 'node:test'

// The library takes its timers once, when it loads: so it is loaded when they are mocked.
mock.timers.enable({ apis: ['setTimeout'] })
const { endSilent } = await import('../../../lib/connections/silent.ts')

const window = 8_000
/** When it looks who was heard of, and when those that were not since then are ended, in ms. */
const [look, end] = [6_000, 7_500]

const ended: Socket[] = []
beforeEach(() => {
  ended.length = 0
})

/** A socket that has read so much. */
function aSocket(): { bytesRead: number } & Socket {
  return Object.assign(new EventEmitter(), { bytesRead: 0 }) as never
}

test('whatever is read in the meantime, and be it half a head, is the opposite of silence', () => {
  const [silent, early, late] = [aSocket(), aSocket(), aSocket()]
  endSilent(
    window,
    () => [silent, early, late],
    (socket) => {
      // One that was silent until the one before it was ended.
      late.bytesRead++
      ended.push(socket)
    }
  )
  mock.timers.tick(look)
  early.bytesRead++
  mock.timers.tick(end - look - 1)
  assert.deepEqual(ended, [])
  mock.timers.tick(1)
  assert.deepEqual(ended, [silent])
})

test('once it is stopped, nothing is ended: before it has looked, after that, and while it ends', () => {
  const sockets = Array.from({ length: 200 }, aSocket)
  let looks = 0
  const connections = () => {
    looks++
    return sockets
  }
  const endUntil = (count: number) => {
    const stop = endSilent(window, connections, (socket) => {
      if (ended.push(socket) === count) stop()
    })
    return stop
  }

  const before = endUntil(0)
  mock.timers.tick(look - 1)
  before()
  mock.timers.tick(window)
  assert.deepEqual([looks, ended.length], [0, 0])

  const between = endUntil(0)
  mock.timers.tick(look)
  between()
  mock.timers.tick(window)
  assert.deepEqual([looks, ended.length], [1, 0])

  endUntil(3)
  mock.timers.tick(look)
  mock.timers.tick(end - look)
  assert.deepEqual([looks, ended.length], [2, 3])
})
