import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deadlineOf, message, wordOf } from '../../../platforms/cluster/messages.ts'

const key = 'fastify-lifecycle'

describe('the messages of a cluster', () => {
  test('say what was put into them', () => {
    assert.equal(wordOf(message('here', 9_000)), 'here')
    assert.equal(deadlineOf(message('here', 9_000)), 9_000)
    assert.equal(deadlineOf(message('ready')), undefined)
  })

  for (const received of [
    undefined,
    null,
    'here',
    7,
    [],
    ['here'],
    {},
    { [key]: 'there' },
    { [key]: { toString: () => 'here' } },
    { [key]: ['here'] },
    { [key]: null },
    Object.create({ [key]: 'here' })
  ]) {
    test(`say nothing where they are ${JSON.stringify(received)}`, () => {
      assert.equal(wordOf(received), undefined)
    })
  }

  for (const deadline of [
    undefined,
    null,
    '9000',
    Number.NaN,
    -1,
    Number.POSITIVE_INFINITY,
    2 ** 31,
    {},
    7n
  ]) {
    test(`give no deadline where it is ${String(deadline)}`, () => {
      assert.equal(deadlineOf({ deadline }), undefined)
    })
  }
})
