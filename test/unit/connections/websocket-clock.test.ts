import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { VirtualTime } from '../../support/virtual-time.ts'

const time = new VirtualTime()
const { WebSockets } = await time.load(() => import('../../../lib/connections/websocket.ts'))

test('a handshake that is never answered holds up the drain for its time, however many are notified before', async () => {
  const sockets = new WebSockets({ code: 1012, reason: 'service restart' })
  for (let count = 0; count < 100; count++) {
    const socket = new Socket()
    Object.defineProperties(socket, { writable: { value: true }, bytesWritten: { value: 0 } })
    sockets.add({ headers: { upgrade: 'websocket' } } as IncomingMessage, socket)
  }
  const hung = await time.until(sockets.close(2_000, () => undefined).answered)
  assert.equal(hung.length, 100)
  assert.ok(time.now >= 2_000 && time.now <= 2_010, `${time.now} ms`)
})
