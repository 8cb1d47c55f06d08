import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { LifecycleOptions } from 'fastify-lifecycle'
import { Pool } from 'undici'
import { startApp } from '../support/app-process.ts'
import { startHAProxy } from '../support/haproxy.ts'
import { needs } from '../support/proxy.ts'

const max = 3_000

/** It probes each server ten times a second, gives up after two failures, and repeats no request. */
const backend = (ports: readonly number[]) =>
  [
    'backend apps',
    '  mode http',
    '  balance roundrobin',
    '  retries 0',
    '  option httpchk GET /readyz',
    // By itself it would be `inter`: an app that is short of time is not one that is going.
    '  timeout check 2s',
    '  default-server check inter 100ms fall 2 rise 1',
    ...ports.map((port, index) => `  server app${index} 127.0.0.1:${port}`)
  ].join('\n')

/** Ends one of two apps behind a HAProxy, under load, and says what became of it. */
async function endOneOfTwo(t: TestContext, lameDuck: LifecycleOptions['lameDuck']) {
  const options = { deadline: 20_000, ...(lameDuck !== undefined && { lameDuck }) }
  const [leaving, staying] = await Promise.all([startApp(t, { options }), startApp(t)])
  const { port } = await startHAProxy(t, backend([leaving.port, staying.port]))
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
  const signalled = leaving.kill()
  const { code, at } = await leaving.exited
  const after = answered + 500
  while (answered < after) await new Promise((resolve) => setTimeout(resolve, 10))
  isOver = true
  await Promise.all(clients)
  await pool.close()
  assert.equal(code, 0)
  return { took: at - signalled, failures, answered, lameDuck: leaving.report.lameDuck }
}

describe(
  'behind a real HAProxy, which probes every 100 ms and gives up after two failures',
  needs('haproxy'),
  () => {
    test('the lame duck ends when the balancer has looked away, and no request is lost', async (t) => {
      const fixed = await endOneOfTwo(t, max)
      const early = await endOneOfTwo(t, { max, probes: 2 })
      t.diagnostic(
        `with a fixed wait of ${max} ms gone after ${Math.round(fixed.took)} ms, ${fixed.answered} answered; ` +
          `with two probes after ${Math.round(early.took)} ms, ${early.answered} answered, ${early.lameDuck.saved} ms saved`
      )
      assert.deepEqual([fixed.failures, early.failures], [[], []])
      assert.equal(fixed.lameDuck.ended, 'window')
      assert.equal(early.lameDuck.ended, 'probes')
      assert.ok(early.lameDuck.saved > max / 3, `${early.lameDuck.saved} ms saved`)
      assert.ok(early.took < fixed.took - max / 4, `${early.took} and ${fixed.took} ms`)
    })
  }
)
