import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { cleanup } from '../../support/cleanup.ts'
import { Wire } from '../../support/client.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

// Connections and turns of the event loop are real, and time passes only where something waits for it. So this
// counts what the lifecycle waits, and nothing of what the machine takes.
const time = new VirtualTime()
const { default: lifecycle } = await time.load(() => import('../../../index.ts'))
const { portOf } = await import('../../support/in-process.ts')

for (const isAsked of [true, false]) {
  test(`a bare close waits 5 ms at most with a kept connection${isAsked ? '' : ' on which nothing was asked'}`, async (t) => {
    time.forget()
    const app = Fastify()
    const close = app.close.bind(app) as () => Promise<undefined>
    app.close = (() => time.real(close)) as typeof app.close
    await app.register(lifecycle, { signals: false })
    app.get('/', async () => 'ok')
    await app.listen({ port: 0, host: '127.0.0.1' })
    const wire = new Wire(portOf(app))
    cleanup(t, () => wire.socket.destroy())
    await wire.connected
    if (isAsked) {
      wire.send('GET / HTTP/1.1\nHost: x\n\n')
      await wire.receives('ok')
    }
    const before = time.now
    await time.until(app.close())
    const waited = time.now - before
    t.diagnostic(`waited ${waited} ms`)
    assert.ok(waited <= 5, `${waited} ms`)
    assert.equal(time.timers, 0)
    await wire.ended
  })
}

test('a hold that lasts is reported after 30 s, and again after twice as long', async () => {
  time.forget()
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(JSON.parse(line).msg) }
  const app = Fastify({ logger: { level: 'warn', stream } })
  await app.register(lifecycle, { signals: false })
  await app.ready()
  using _hold = app.lifecycle.hold('warm-up')
  time.block(30_000)
  await time.until(Promise.resolve())
  assert.equal(lines.length, 1)
  assert.match(lines[0] as string, /^still not ready after 30000 ms: held off by 'warm-up'$/)
  await time.until(app.close())
})

test('a bare close of an app that never listened waits for nothing', async () => {
  time.forget()
  const app = Fastify()
  await app.register(lifecycle, { signals: false })
  await app.ready()
  const close = app.close()
  await time.until(close)
  assert.equal(time.now, 0)
})
