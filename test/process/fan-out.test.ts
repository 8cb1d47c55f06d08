import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import WebSocket from 'ws'
import { startApp } from '../support/app-process.ts'
import { Wire } from '../support/client.ts'
import { inTime, Late } from '../support/in-time.ts'

/** Does something so many times, a few hundred at once. */
async function many<T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (let start = 0; start < count; start += 250) {
    const group = Array.from({ length: Math.min(250, count - start) }, (_, index) => act(start + index))
    results.push(...(await Promise.all(group)))
  }
  return results
}

describe('a large fan-out', () => {
  test('of 10 000 connections, a tenth in flight, drains without blocking the loop', async (t) => {
    const app = await startApp(t, { measureLoop: true }, { fixture: 'transports' })
    const wires = await many(10_000, async () => {
      const wire = new Wire(app.port)
      wire.send('GET / HTTP/1.1\nHost: x\n\n')
      await wire.receives('ok')
      return wire
    })
    const busy = wires.filter((_, index) => index % 10 === 0)
    const groups = Array.from({ length: 10 }, (_, group) => busy.filter((_, index) => index % 10 === group))
    for (const [group, members] of groups.entries()) {
      for (const wire of members) wire.send(`GET /held/${group} HTTP/1.1\nHost: x\n\n`)
      await app.message({ arrived: `/held/${group}` }, members.length)
    }

    app.kill('SIGTERM')
    await app.phase('draining')
    // One after another: what the app's own answers block the loop for is not the drain's.
    for (const [group, members] of groups.entries()) {
      app.tell(`answer ${group}`)
      await Promise.all(members.map((wire) => wire.receives('held')))
    }
    const endings = await Promise.all(wires.map((wire) => wire.ended))
    const last = performance.now()
    const { code, at } = await app.exited
    assert.equal(code, 0)
    assert.deepEqual([...new Set(endings)], ['end'])
    for (const wire of busy) assert.match(wire.received, /connection: close[\s\S]*held$/i)
    const { longest, all } = (await app.about('cpuTime')) as { longest: number; all: number }
    t.diagnostic(
      `exit ${Math.round(at - last)} ms after the last connection; ` +
        `of ${Math.round(all)} ms of CPU time at most ${Math.round(longest)} ms were in one turn`
    )
    assert.ok(longest < all / 4, `${longest} of ${all} ms of CPU time were in one turn of the loop`)
    assert.equal(app.report.requests.inFlight, busy.length)
  })

  test('of 500 WebSockets is notified over a while, not all at once', (t) =>
    inTime(t, async () => {
      const app = await startApp(t, {}, { fixture: 'transports' })
      const sockets = await many(500, async () => {
        const socket = new WebSocket(`ws://127.0.0.1:${app.port}/socket`)
        await once(socket, 'open')
        return socket
      })
      const closings = sockets.map(async (socket) => {
        const [code] = await once(socket, 'close')
        return { code, at: performance.now() }
      })
      app.kill('SIGTERM')
      const closed = await Promise.all(closings)
      assert.deepEqual([...new Set(closed.map(({ code }) => code))], [1012])
      assert.equal((await app.exited).code, 0)
      const times = closed.map(({ at }) => at).sort((a, b) => a - b)
      const spread = (times.at(-1) as number) - (times[0] as number)
      // A client that gets no CPU time for a while hears of many at once.
      if (spread <= 250) throw new Late(`what the clients heard, all within ${Math.round(spread)} ms,`)
    }))
})
