import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Parked } from '../../../lib/connections/parked.ts'
import { uncaught } from '../../support/uncaught.ts'

function watched() {
  const parked = new Parked()
  const sent: string[] = []
  return { parked, sent, send: (answer: string) => parked.postpone(() => sent.push(answer)) }
}

test('an answer goes out at once where none are held back', () => {
  const { sent, send } = watched()
  send('one')
  assert.deepEqual(sent, ['one'])
})

test('answers that are held back go out at the release, in their order, and once', () => {
  const { parked, sent, send } = watched()
  parked.park()
  send('one')
  send('two')
  assert.deepEqual(sent, [])
  parked.release()
  parked.release()
  assert.deepEqual(sent, ['one', 'two'])
})

test('after the release answers go out at once again, also those that it brings about', () => {
  const { parked, sent, send } = watched()
  parked.park()
  parked.postpone(() => {
    send('brought about')
    sent.push('first')
  })
  send('second')
  parked.release()
  send('later')
  assert.deepEqual(sent, ['brought about', 'first', 'second', 'later'])
})

test('a release without anything held back does nothing', () => {
  const { parked, sent } = watched()
  parked.release()
  assert.deepEqual(sent, [])
})

test('an answer that fails at the release keeps none behind it back, and is an uncaught exception', async (t) => {
  const errors = uncaught(t)
  const { parked, sent, send } = watched()
  parked.park()
  parked.postpone(() => {
    throw new Error('no')
  })
  send('two')
  parked.release()
  assert.deepEqual(sent, ['two'])
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(errors, [new Error('no')])
})
