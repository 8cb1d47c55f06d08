import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import WebSocket from 'ws'
import { startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'
import { withPackages } from '../support/companions.ts'

const where = await withPackages('mercurius')

/** A subscription that has got its first value. */
async function subscribed(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws')
  const next = async () => JSON.parse(String((await once(socket, 'message'))[0]))
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init' }))
  assert.equal((await next()).type, 'connection_ack')
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'subscription { tick }' } }))
  assert.deepEqual((await next()).payload, { data: { tick: 1 } })
  return socket
}

describe('an app with mercurius', where, () => {
  for (const lifecycleLast of [false, true]) {
    test(`ends its subscriptions when the drain begins, and answers queries in flight, registered ${lifecycleLast ? 'before' : 'behind'} the lifecycle`, async (t) => {
      const app = await startApp(t, { lifecycleLast }, { fixture: 'companions/mercurius' })
      const socket = await subscribed(app.port)
      const closed = once(socket, 'close')
      const answer = request(app.port, '/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ slow }' })
      })
      await app.message({ arrived: 'slow' })
      app.kill('SIGTERM')
      // Before the query is answered: the drain waits for that alone.
      const [code, reason] = await closed
      assert.deepEqual([code, String(reason)], [1012, 'service restart'])
      app.tell('answer')
      assert.deepEqual(JSON.parse((await answer).body), { data: { slow: 42 } })
      assert.equal((await app.exited).code, 0)
      const { outcome, requests } = app.report
      assert.deepEqual([outcome, requests.completed, requests.cutCount], ['clean', 1, 0])
    })
  }
})
