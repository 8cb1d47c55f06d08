import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { FixtureSetup } from '../fixtures/serve.ts'
import { type AppProcess, startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'
import { endsItself } from '../support/in-time.ts'

const start = (t: TestContext, setup: FixtureSetup = {}) => startApp(t, setup, { fixture: 'waiting' })

const excused = ({ logs }: AppProcess) =>
  logs.filter(({ code }) => code === 'LIFECYCLE_WAITS_FOR_ITSELF').map((line) => [line['who'], line['call']])

/** The phases and hooks in their order. */
const order = ({ messages }: AppProcess) =>
  messages.flatMap(({ phase, hook }) => (hook ?? phase) as string | undefined).filter(Boolean)

describe('a handler that awaits the shutdown', () => {
  for (const setup of [{}, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }]) {
    const { method = 'GET' } = setup
    test(`gets its answer out when the hooks are done, and holds nothing up: ${method}`, async (t) => {
      const app = await start(t, { hooks: [{ name: 'db', does: 'hold' }] })
      const answer = request(app.port, '/drain', setup)
      await app.message({ hook: 'db' })
      app.tell('release db')
      const { status, body, headers } = await answer
      assert.deepEqual([status, body, headers.connection], [200, '["db ok"]', 'close'])
      assert.equal((await app.exited).code, 0)
      const { outcome, requests, reason } = app.report
      assert.deepEqual([outcome, requests.completed, requests.cutCount], ['clean', 1, 0])
      assert.deepEqual(reason, { type: 'shutdown', message: 'asked by an operator' })
      assert.deepEqual(excused(app), [[`the handler of ${method} /drain`, '`lifecycle.shutdown()`']])
      assert.deepEqual(order(app), ['ready', 'lameDuck', 'draining', 'closing', 'db', 'onClose', 'closed'])
    })
  }

  test('and returns the report, answers with it', async (t) => {
    const app = await start(t)
    const { body } = await request(app.port, '/drain/returned')
    assert.equal(JSON.parse(body).outcome, 'clean')
    assert.equal((await app.exited).code, 0)
  })

  test('after something else, and says which request is its own, gets its answer out', async (t) => {
    const app = await start(t)
    assert.equal((await request(app.port, '/drain/later')).body, 'clean')
    assert.equal((await app.exited).code, 0)
    assert.equal(excused(app).length, 1)
  })

  test('through app.close() gets its answer out', async (t) => {
    const app = await start(t)
    assert.equal((await request(app.port, '/close')).body, 'bye')
    await app.phase('closed')
    await app.logged('LIFECYCLE_WAITS_FOR_ITSELF')
    assert.deepEqual(excused(app), [['the handler of GET /close', '`app.close()`']])
  })

  test('may be several, in a shutdown that a signal has begun, and the requests of others are waited for', async (t) => {
    const app = await start(t)
    const held = request(app.port, '/held')
    const answers = [request(app.port, '/drain/told'), request(app.port, '/drain/told')]
    await Promise.all([app.message({ arrived: '/held' }), app.message({ arrived: '/drain/told' }, 2)])
    app.kill('SIGTERM')
    await app.phase('draining')
    app.tell('drain')
    await app.logged('LIFECYCLE_WAITS_FOR_ITSELF', 2)
    assert.ok(!order(app).includes('closing'))
    app.tell('answer')
    assert.equal((await held).body, 'held')
    for (const answer of answers) assert.equal((await answer).body, 'clean')
    assert.equal((await app.exited).code, 0)
    assert.equal(app.report.requests.completed, 3)
  })

  test('and does not answer then, is cut before the deadline, and named', async (t) => {
    const app = await start(t, { options: endsItself(2_000) })
    await assert.rejects(request(app.port, '/drain/never-answered'))
    assert.equal((await app.exited).code, 1)
    const { outcome, requests } = app.report
    assert.deepEqual([outcome, requests.cutCount], ['failed', 1])
    assert.equal(requests.cut[0]?.route, '/drain/never-answered')
  })
})

test('a handler that does not await the shutdown that it has begun is waited for', async (t) => {
  const app = await start(t)
  const answer = request(app.port, '/not-awaited')
  await app.phase('draining')
  app.tell('answer')
  assert.equal((await answer).body, 'done')
  assert.equal((await app.exited).code, 0)
  assert.deepEqual(excused(app), [])
  assert.equal(app.report.requests.completed, 1)
})

test('tracked work that awaits the shutdown is not waited for', async (t) => {
  const app = await start(t)
  assert.equal((await request(app.port, '/track')).body, 'begun')
  assert.equal((await app.exited).code, 0)
  assert.deepEqual(excused(app), [["work 'restart'", '`lifecycle.shutdown()`']])
  assert.deepEqual([app.report.outcome, app.report.work.cutCount], ['clean', 0])
})

test('a health check that awaits the shutdown holds nothing up', async (t) => {
  const app = await start(t, { checks: true })
  assert.equal((await request(app.port, '/readyz')).status, 503)
  assert.equal((await app.exited).code, 0)
  assert.equal(app.report.outcome, 'clean')
})
