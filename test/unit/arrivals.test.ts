import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { Arrivals } from '../../lib/arrivals.ts'

const aSocket = () => new EventEmitter() as Socket
const never = () => false

/** The number of spells that something took, as far as a busy machine lets one tell. */
async function spells(wait: () => Promise<void>): Promise<number> {
  const begin = performance.now()
  await wait()
  return Math.floor((performance.now() - begin + 1) / 25)
}

test('a quiet moment is one spell without an arrival', async () => {
  const arrivals = new Arrivals()
  assert.equal(arrivals.any, false)
  assert.ok((await spells(() => arrivals.quiet(100))) >= 1)
})

test('where something arrives all the time, the limit on spells ends the wait', async () => {
  const arrivals = new Arrivals()
  const arriving = setInterval(() => arrivals.request(aSocket(), true), 1)
  assert.ok((await spells(() => arrivals.quiet(3))) >= 3)
  clearInterval(arriving)
  assert.equal(arrivals.any, true)
})

test('a new connection is waited for until it is used, is closed, or the limit is reached', async () => {
  const arrivals = new Arrivals()
  const [used, closed, silent] = [aSocket(), aSocket(), aSocket()]
  arrivals.connection(used)
  arrivals.connection(closed)
  setTimeout(() => arrivals.request(used, true), 60)
  setTimeout(() => closed.emit('close'), 90)
  assert.ok((await spells(() => arrivals.settled(never))) >= 3)
  arrivals.connection(silent)
  assert.ok((await spells(() => arrivals.settled(never))) >= 20)
})

test('what is busy is waited for', async () => {
  const arrivals = new Arrivals()
  let isBusy = true
  setTimeout(() => {
    isBusy = false
  }, 60)
  assert.ok((await spells(() => arrivals.settled(() => isBusy))) >= 2)
})

test('a pause is a turn without an arrival, or the limit', async () => {
  const arrivals = new Arrivals()
  await arrivals.inPause(1_000, () => {})
  let isOver = false
  const arrive = () => {
    arrivals.request(aSocket(), true)
    if (!isOver) setImmediate(arrive)
  }
  arrive()
  const begin = performance.now()
  await arrivals.inPause(40, () => {})
  isOver = true
  assert.ok(performance.now() - begin >= 39)
})

test('what is known of a connection is not forgotten where it counts as used', async () => {
  const arrivals = new Arrivals()
  const fresh = aSocket()
  arrivals.connection(fresh)
  arrivals.used(fresh)
  assert.ok((await spells(() => arrivals.settled(never))) >= 20)
})

test('a connection that was used, and not told that it ends, may be used again', async () => {
  const arrivals = new Arrivals()
  arrivals.request(aSocket(), true)
  const told = await spells(() => arrivals.settled(never))
  arrivals.request(aSocket(), false)
  const untold = await spells(() => arrivals.settled(never))
  assert.ok(untold >= 8)
  assert.ok(told < untold)
})
