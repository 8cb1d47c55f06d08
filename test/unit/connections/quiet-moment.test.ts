import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { QuietMoment, shortInterval } from '../../../lib/connections/quiet-moment.ts'
import { inTime, Late } from '../../support/in-time.ts'

const aSocket = () => new EventEmitter() as Socket
const never = () => false

function watching(): QuietMoment {
  const quietMoment = new QuietMoment()
  quietMoment.watch()
  return quietMoment
}

/** The number of intervals that something took, as far as a busy machine lets one tell. */
async function intervals(wait: () => Promise<void>): Promise<number> {
  const begin = performance.now()
  await wait()
  return Math.floor((performance.now() - begin + 1) / 25)
}

test('a quiet moment is one interval without an arrival', async () => {
  const quietMoment = watching()
  assert.equal(quietMoment.hasSeenAny, false)
  assert.ok((await intervals(() => quietMoment.quiet(100))) >= 1)
})

test('where nobody is expected, and nothing has come, it is quiet at once', async () => {
  const quietMoment = new QuietMoment()
  quietMoment.watch(shortInterval)
  let isQuiet = false
  const done = quietMoment.quiet(10).then(() => {
    isQuiet = true
  })
  await Promise.resolve()
  await Promise.resolve()
  assert.equal(isQuiet, true)
  await done
  quietMoment.request(aSocket(), true)
  let isAgain = false
  const later = quietMoment.quiet(10).then(() => {
    isAgain = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isAgain, false)
  await later
})

test('where something arrives all the time, the limit on intervals ends the wait', async () => {
  const quietMoment = watching()
  const arriving = setInterval(() => quietMoment.request(aSocket(), true), 1)
  assert.ok((await intervals(() => quietMoment.quiet(3))) >= 3)
  clearInterval(arriving)
  assert.equal(quietMoment.hasSeenAny, true)
})

test('nobody connects for an interval, whatever else arrives', async () => {
  const quietMoment = watching()
  const asking = setInterval(() => quietMoment.request(aSocket(), false), 1)
  quietMoment.connection(aSocket())
  const took = await intervals(() => quietMoment.noNewcomers(1_000))
  clearInterval(asking)
  assert.ok(took >= 1 && took < 1_000, `${took} intervals`)
  const connecting = setInterval(() => quietMoment.connection(aSocket()), 1)
  assert.ok((await intervals(() => quietMoment.noNewcomers(3))) >= 3)
  clearInterval(connecting)
})

test('a new connection is waited for until it is used, is closed, or the limit is reached', async () => {
  const quietMoment = watching()
  const [used, closed, silent] = [aSocket(), aSocket(), aSocket()]
  quietMoment.connection(used)
  quietMoment.connection(closed)
  setTimeout(() => quietMoment.request(used, true), 60)
  setTimeout(() => closed.emit('close'), 90)
  assert.ok((await intervals(() => quietMoment.settled(never))) >= 3)
  quietMoment.connection(silent)
  assert.ok((await intervals(() => quietMoment.settled(never))) >= 20)
})

test('what is busy is waited for', async () => {
  const quietMoment = watching()
  let isBusy = true
  setTimeout(() => {
    isBusy = false
  }, 60)
  assert.ok((await intervals(() => quietMoment.settled(() => isBusy))) >= 2)
})

test('a pause is a turn without an arrival, or the limit', async () => {
  const quietMoment = watching()
  await quietMoment.inPause(1_000, () => {})
  let isOver = false
  const arrive = () => {
    quietMoment.request(aSocket(), true)
    if (!isOver) setImmediate(arrive)
  }
  arrive()
  const begin = performance.now()
  await quietMoment.inPause(40, () => {})
  isOver = true
  assert.ok(performance.now() - begin >= 39)
})

test('what is known of a connection is not forgotten where it counts as used', async () => {
  const quietMoment = watching()
  const fresh = aSocket()
  quietMoment.connection(fresh)
  quietMoment.used(fresh)
  assert.ok((await intervals(() => quietMoment.settled(never))) >= 20)
})

test('a connection that was used, and not told that it ends, may be used again', (t) =>
  inTime(t, async () => {
    const quietMoment = watching()
    quietMoment.request(aSocket(), true)
    const told = await intervals(() => quietMoment.settled(never))
    quietMoment.request(aSocket(), false)
    const untold = await intervals(() => quietMoment.settled(never))
    assert.ok(untold >= 8)
    if (told >= untold) throw new Late('the end of a wait')
  }))
