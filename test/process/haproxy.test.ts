import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { Pool } from 'undici'
import { startApp } from '../support/app-process.ts'
import { startHAProxy } from '../support/haproxy.ts'
import { inTime, Late } from '../support/in-time.ts'
import { needs } from '../support/proxy.ts'

/** The wait that nobody needs: HAProxy is to end it. */
const max = 300_000

/** It probes each server ten times a second, gives up after two failures, and repeats no request. */
const backend = (ports: readonly number[]) =>
  [
    'backend apps',
    '  mode http',
    '  balance roundrobin',
    '  retries 0',
    '  option httpchk GET /readyz',
    // By itself it would be `inter`: an app that is short of time is not one that is going.
    '  timeout check 60s',
    '  default-server check inter 100ms fall 2 rise 1',
    ...ports.map((port, index) => `  server app${index} 127.0.0.1:${port}`)
  ].join('\n')

/** Ends one of two apps behind a HAProxy, under load, and says what became of it. */
async function endOneOfTwo(t: TestContext) {
  const options = { lameDuck: { max, probes: 2 } }
  const [leaving, staying] = await Promise.all([startApp(t, { options }), startApp(t)])
  const { port, sees } = await startHAProxy(t, backend([leaving.port, staying.port]))
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 8, pipelining: 1 })
  const failures: unknown[] = []
  let answered = 0
  let isOver = false
  const clients = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      try {
        const { statusCode, body } = await pool.request({ method: 'GET', path: '/' })
        await body.dump()
        if (statusCode === 200) answered++
        else failures.push(statusCode)
      } catch (error) {
        failures.push(error)
      }
    }
  })
  while (answered < 500) await new Promise((resolve) => setTimeout(resolve, 10))
  const events: string[] = []
  const signalled = leaving.kill()
  await Promise.all([
    sees('app0', 'DOWN').then(() => events.push('HAProxy stops routing')),
    leaving.phase('draining').then(() => events.push('the drain begins'))
  ])
  const { code, at } = await leaving.exited
  const after = answered + 500
  while (answered < after) await new Promise((resolve) => setTimeout(resolve, 10))
  isOver = true
  await Promise.all(clients)
  await pool.close()
  assert.equal(code, 0)
  return { took: at - signalled, failures, answered, events, lameDuck: leaving.report.lameDuck }
}

describe(
  'behind a real HAProxy, which probes every 100 ms and gives up after two failures',
  needs('haproxy'),
  () => {
    test('the lame duck ends when the balancer has stopped routing, and no request is lost', (t) =>
      inTime(t, async () => {
        const { took, failures, answered, events, lameDuck } = await endOneOfTwo(t)
        t.diagnostic(`gone after ${Math.round(took)} ms, ${answered} answered, ${lameDuck.saved} ms saved`)
        assert.equal(lameDuck.ended, 'probes')
        assert.ok(lameDuck.saved > 0)
        // HAProxy has its last answer, and 100 ms to draw the conclusion; on a busy machine it may need more.
        if (failures.length > 0 && events[0] === 'the drain begins') throw new Late('HAProxy')
        assert.deepEqual(failures, [])
      }))
  }
)
