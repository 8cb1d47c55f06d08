import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import type { FastifyReply } from 'fastify'
import type { Describable } from '../../../lib/requests/describe.ts'
import fc from '../../support/properties.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const time = new VirtualTime()
const { describeExchange } = await time.load(() => import('../../../lib/requests/describe.ts'))

const request = { method: 'POST', url: '/orders/7?token=secret' } as IncomingMessage

/** Fastify's view of a request. */
function aReply(id: unknown, route: string | undefined): FastifyReply {
  return { request: { id, routeOptions: { url: route } } } as FastifyReply
}

test('a request that was routed has the id and the pattern of Fastify', () => {
  const reply = aReply('req-3', '/orders/:id')
  assert.deepEqual(describeExchange({ request, reply, since: time.now }), {
    id: 'req-3',
    method: 'POST',
    route: '/orders/:id',
    age: 0
  })
})

test('an id that is a number is text in the report', () => {
  assert.equal(describeExchange({ request, reply: aReply(3, '/'), since: time.now }).id, '3')
})

test('an id that cannot be a text is reported as such, and costs nothing else', () => {
  const unreadable = new Proxy({}, { get: () => assert.fail('read'), ownKeys: () => assert.fail('read') })
  for (const id of [Object.create(null), Symbol('id'), unreadable]) {
    assert.equal(typeof describeExchange({ request, reply: aReply(id, '/'), since: time.now }).id, 'string')
  }
})

test('a request that no route matches has its path, without the query that may hold a secret', () => {
  const { id, route } = describeExchange({ request, reply: aReply('req-3', undefined), since: time.now })
  assert.deepEqual([id, route], ['req-3', '/orders/7'])
})

test('a request that Fastify has not seen yet has no id, and its path', () => {
  const { id, route } = describeExchange({ request, since: time.now })
  assert.deepEqual([id, route], [null, '/orders/7'])
})

test('the age is in whole milliseconds', async () => {
  const since = time.now - 0.6
  await time.pass(1_234)
  assert.equal(describeExchange({ request, since }).age, 1_235)
})

function described(url: string, method = 'GET', id?: string) {
  const reply = id === undefined ? undefined : { request: { id, routeOptions: {} } }
  return describeExchange({ request: { url, method }, reply, since: 0 } as unknown as Describable)
}

test('a path without a route is reported without possible secrets', () => {
  const paths: [url: string, path: string][] = [
    ['/orders/7', '/orders/7'],
    ['/orders?token=secret', '/orders'],
    ['/orders;jsessionid=secret/x', '/orders'],
    ['/orders#secret', '/orders'],
    ['/orders&token=secret', '/orders'],
    ['/orders%3ftoken=secret', '/orders'],
    ['/orders%3Btoken%3Dsecret', '/orders'],
    ['/token=secret', '/token'],
    ['http://user:secret@host/orders?secret', '/orders'],
    ['https://user:secret@host', ''],
    ['//user:secret@host/orders', '/orders'],
    ['user:secret@host:443', 'host:443'],
    ['*', '*'],
    ['/a\u001b[2Jb', '/a\\u001b[2Jb']
  ]
  for (const [url, path] of paths) assert.equal(described(url).route, path, url)
})

test('a secret behind any delimiter is in no description', () => {
  const delimiters = fc.constantFrom('?', ';', '#', '&', '=', '%3f', '%3F', '%3b', '%23', '%26', '%3d')
  fc.assert(
    fc.property(fc.webPath(), delimiters, fc.boolean(), (path, delimiter, isAbsolute) => {
      const url = `${isAbsolute ? 'http://user:sECREt@host' : ''}/${path}${delimiter}x=sECREt`
      assert.doesNotMatch(JSON.stringify(described(url)), /sECREt/)
    })
  )
})

test('however long, no part of a description is', () => {
  const long = '\u0000😀'.repeat(100_000)
  const { id, method, route } = described(`/${long}`, long, long)
  assert.deepEqual(
    [id, method, route].map((text) => Buffer.byteLength(text as string) <= 200),
    [true, true, true]
  )
})
