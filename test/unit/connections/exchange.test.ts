import assert from 'node:assert/strict'
import { type IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { beginExchange, onceAnswered } from '../../../lib/connections/exchange.ts'

test('methods that were watched, and that somebody has kept and puts back, work as before', () => {
  const response = new ServerResponse({ method: 'GET' } as IncomingMessage)
  const answered: unknown[] = []
  onceAnswered(beginExchange(response), ({ response: of }) => answered.push(of))
  const { end, write } = response
  // As middleware does that looks at a response and then leaves it.
  response.end = function (this: ServerResponse, ...given: never[]) {
    Object.assign(this, { end, write })
    return this.end(...given)
  } as ServerResponse['end']
  response.write('one')
  assert.deepEqual(answered, [response])
  Object.assign(response, { end, write })
  response.end('two')
  assert.equal(response.writableEnded, true)
  assert.deepEqual(answered, [response])
})

test('a response that is watched a second time is still watched once', () => {
  const response = new ServerResponse({ method: 'GET' } as IncomingMessage)
  const exchange = beginExchange(response)
  const answered: string[] = []
  onceAnswered(exchange, () => answered.push('first'))
  onceAnswered(exchange, () => answered.push('second'))
  response.end('text')
  assert.equal(response.writableEnded, true)
  assert.deepEqual(answered, ['first'])
})
