import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, type TestContext, test } from 'node:test'
import websocket from '@fastify/websocket'
import WebSocket from 'ws'
import type { LifecycleOptions } from '../../../index.ts'
import { cleanup } from '../../support/cleanup.ts'
import { latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'

// A WebSocket's message has no response that the drain could wait for: tracked work stands for it.

/** Clients that have sent a message each, whose answer waits for the test. */
async function asking(t: TestContext, count: number, options: LifecycleOptions = {}) {
  const app = await makeApp(t, options)
  const [asked, answer] = [latch(), latch()]
  cleanup(t, answer.open)
  await app.register(websocket)
  let messages = 0
  await app.register(async (child) => {
    child.get('/', { websocket: true }, (socket, request) => {
      socket.on('message', (data) => {
        const work = async () => {
          if (++messages === count) asked.open()
          await answer.opened
          socket.send(`answer to ${data}`)
        }
        void app.lifecycle.track(work, { name: 'message', request })
      })
    })
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const clients = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const socket = new WebSocket(`ws://127.0.0.1:${portOf(app)}`)
      cleanup(t, () => socket.terminate())
      const seen: string[] = []
      socket.on('message', (data) => seen.push(String(data)))
      const closed = once(socket, 'close').then(([code]) => seen.push(String(code)))
      await once(socket, 'open')
      socket.send(String(index))
      return { socket, seen, closed }
    })
  )
  await asked.opened
  return { app, clients, answer: answer.open }
}

describe('the close frame of a WebSocket', () => {
  test('waits for tracked work that answers on it, ten of ten times', async (t) => {
    const { app, clients, answer } = await asking(t, 10)
    const closed = app.close()
    await phaseOf(app, 'draining')
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(
      clients.map(({ seen }) => seen),
      Array.from({ length: 10 }, () => [])
    )
    answer()
    await Promise.all(clients.map((client) => client.closed))
    await closed
    assert.deepEqual(
      clients.map(({ seen }) => seen),
      Array.from({ length: 10 }, (_, index) => [`answer to ${index}`, '1012'])
    )
    const { outcome, work } = app.lifecycle.report ?? {}
    assert.deepEqual([outcome, work?.inFlight, work?.completed], ['clean', 10, 10])
  })

  test('does not wait for work that answers on another one', async (t) => {
    const { app, clients, answer } = await asking(t, 1)
    const idle = new WebSocket(`ws://127.0.0.1:${portOf(app)}`)
    cleanup(t, () => idle.terminate())
    await once(idle, 'open')
    const closed = app.close()
    const [code] = await once(idle, 'close')
    assert.deepEqual([code, clients[0]?.seen], [1012, []])
    answer()
    await closed
    assert.deepEqual(clients[0]?.seen, ['answer to 0', '1012'])
  })

  test('waits no longer than `drainTimeout`, and the work is named', async (t) => {
    const { app, clients } = await asking(t, 1, { drainTimeout: 100 })
    await app.close()
    await clients[0]?.closed
    const { outcome, work } = app.lifecycle.report ?? {}
    assert.deepEqual([outcome, work?.cut.map(({ name }) => name)], ['failed', ['message']])
  })

  test('waits for answers to messages that come in the drain', async (t) => {
    const { app, clients, answer } = await asking(t, 1)
    const closed = app.close()
    await phaseOf(app, 'draining')
    clients[0]?.socket.send('more')
    while (app.lifecycle.report === null) {
      if (clients[0]?.seen.length === 0) answer()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await closed
    assert.equal(clients[0]?.seen.at(0), 'answer to 0')
    assert.equal(clients[0]?.seen.at(-1), '1012')
  })
})
