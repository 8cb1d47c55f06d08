import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shortestWindow } from '../../../lib/connections/silent.ts'
import { Wire } from '../../support/client.ts'
import { latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'

type Four = [Wire, Wire, Wire, Wire]

test('a connection that is silent to the end of the lame duck is ended before it, and no other is', async (t) => {
  const app = await makeApp(t, { deadline: 60_000, lameDuck: shortestWindow, drainTimeout: 20_000 })
  const [asked, answer, hook] = [latch(), latch(), latch()]
  app.get('/', async () => 'ok')
  app.get('/held', async () => {
    asked.open()
    await answer.opened
    return 'ok'
  })
  app.server.on('upgrade', (_request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
  app.onShutdown('held', { phase: 'lameDuck', timeout: 60_000 }, () => hook.opened)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const [used, never, held, upgraded] = Array.from({ length: 4 }, () => new Wire(portOf(app))) as Four
  used.send('GET / HTTP/1.1\nHost: x\n\n')
  await used.receives('HTTP/1.1 200')
  await never.connected
  upgraded.send('GET / HTTP/1.1\nHost: x\nConnection: upgrade\nUpgrade: x\n\n')
  await upgraded.receives('101')
  held.send('GET /held HTTP/1.1\nHost: x\n\n')
  await asked.opened

  const done = app.lifecycle.shutdown()
  await Promise.all([used.ended, never.ended])
  assert.equal(app.lifecycle.phase, 'lameDuck')
  hook.open()
  await phaseOf(app, 'draining')
  assert.deepEqual([held.hasEnded, upgraded.hasEnded], [false, false])
  answer.open()
  await held.ended
  assert.match(held.received, /^HTTP\/1\.1 200 OK[\s\S]*connection: close/i)
  await done
})

test('a lame duck that is too short to tell leaves them open', async (t) => {
  const app = await makeApp(t, { deadline: 60_000, lameDuck: 200 })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const wire = new Wire(portOf(app))
  await wire.connected
  const done = app.lifecycle.shutdown()
  await phaseOf(app, 'draining')
  assert.equal(wire.hasEnded, false)
  await done
})
