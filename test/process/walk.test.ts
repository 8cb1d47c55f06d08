import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'
import { describe, test } from 'node:test'
import { startApp } from '../support/app-process.ts'
import { closedLoop, request, Wire } from '../support/client.ts'
import { assertWithin, inTime } from '../support/in-time.ts'

describe('the shutdown of a real process', () => {
  test('exits 0 right after the last response on a keep-alive connection, which says Connection: close', (t) =>
    inTime(t, async () => {
      const app = await startApp(t)
      const agent = new http.Agent({ keepAlive: true })
      const answer = request(app.port, '/held/a', { agent })
      await app.message({ arrived: '/held/a' })
      app.kill('SIGTERM')
      await app.phase('draining')
      app.tell('answer a')

      const { status, headers, at } = await answer
      const exit = await app.exited
      assert.equal(status, 200)
      assert.equal(headers.connection, 'close')
      assert.deepEqual([exit.code, exit.signal], [0, null])
      assert.equal(app.report.outcome, 'clean')
      assert.deepEqual(
        app.report.phases.map(({ phase }) => phase),
        ['lameDuck', 'draining', 'closing', 'closed']
      )
      t.diagnostic(`exited ${Math.round(exit.at - at)} ms after the last response`)
      assertWithin(exit.at - at, app.soon, 'the exit after the last response')
    }))

  test('loses no request of 50 keep-alive clients: 200 before the drain, 503 during it', async (t) => {
    const app = await startApp(t, {
      options: { lameDuck: 500 },
      hooks: [
        { name: 'duck', phase: 'lameDuck', does: 'hold' },
        { name: 'drain', phase: 'draining', does: 'hold' }
      ]
    })
    const clients = closedLoop(app.port, '/', 50, { pause: 20 })
    // Serving goes on through the lame duck; both it and the drain are held open until they were seen.
    app.kill('SIGTERM')
    await app.phase('lameDuck')
    assert.equal((await request(app.port, '/')).status, 200)
    assert.equal((await request(app.port, '/readyz')).status, 503)
    assert.equal((await request(app.port, '/livez')).status, 200)
    app.tell('release duck')
    await app.phase('draining')
    const drainingSince = performance.now()
    const rejected = await request(app.port, '/')
    assert.equal(rejected.status, 503)
    assert.equal(JSON.parse(rejected.body).code, 'FST_LIFECYCLE_DRAINING')
    app.tell('release drain')

    const { answers, lost, refused } = await clients
    const { code } = await app.exited
    assert.equal(code, 0)
    assert.deepEqual(lost, [])
    assert.equal(refused, 50)
    const statuses = new Set(answers.map(({ status }) => status))
    assert.deepEqual([...statuses].sort(), [200, 503])
    for (const { status, headers, sentAt } of answers) {
      if (sentAt >= drainingSince) assert.equal(status, 503)
      if (status !== 503) continue
      assert.match(String(headers['retry-after']), /^[1-5]$/)
      assert.equal(headers.connection, 'close')
    }
  })

  test('a stuck process ends, and its report and its log name the hung request, the hung work and the hung hook', async (t) => {
    const app = await startApp(t, {
      options: { drainTimeout: 300 },
      hooks: [
        { name: 'db', does: 'nothing' },
        { name: 'outbox', does: 'hang', timeout: 100 }
      ],
      work: ['reindex']
    })
    request(app.port, '/hung/7').catch(() => {})
    await app.message({ arrived: '/hung/7' })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 1)
    const { requests, work, hooks, alive, outcome } = app.report
    assert.deepEqual([requests.cut[0]?.route, work.cut[0]?.name, outcome], ['/hung/:id', 'reindex', 'failed'])
    assert.deepEqual(
      hooks.map(({ name, outcome, despite }) => [name, outcome, despite]),
      [
        ['outbox', 'timeout', []],
        ['db', 'ok', ['outbox']]
      ]
    )
    // Its standard streams and its channel are pipes, and hold nothing.
    const pipes = alive?.filter(({ type }) => type === 'PipeWrap')
    assert.deepEqual(pipes ?? [], [])
    const said = app.logs.map(({ msg }) => msg).join('\n')
    assert.match(said, /request GET \/hung\/:id cut: not answered after \d+ ms/)
    assert.match(said, /work 'reindex' timed out at the age of \d+ ms/)
    assert.match(said, /hook 'outbox' timed out after \d+/)
    assert.match(said, /hook 'db' done in [\d.]+ ms, although 'outbox' had not ended well/)
  })

  test('a hung request is cut at drainTimeout, and named; hooks and onClose still run', async (t) => {
    const app = await startApp(t, {
      options: { drainTimeout: 300 },
      hooks: [{ name: 'db', does: 'nothing' }]
    })
    const cut = request(app.port, '/hung/7?secret=1')
    cut.catch(() => {})
    await app.message({ arrived: '/hung/7?secret=1' })
    app.kill('SIGTERM')

    await assert.rejects(cut)
    const { code } = await app.exited
    assert.equal(code, 1)
    await app.message({ hook: 'db', inFlight: 0 })
    await app.message({ onClose: true })
    const { requests, outcome, phases } = app.report
    assert.equal(outcome, 'failed')
    assert.deepEqual(
      requests.cut.map(({ id, age, ...rest }) => ({ ...rest, hasId: id !== null, oldEnough: age >= 250 })),
      [{ method: 'GET', route: '/hung/:id', hasId: true, oldEnough: true }]
    )
    const draining = phases.find(({ phase }) => phase === 'draining')
    assert.ok(draining && draining.duration >= 290)
  })

  test('a hung request of a client that never lets go leaves the hooks their time, in a short budget', async (t) => {
    const app = await startApp(t, {
      options: { deadline: 3_000, hardKill: false },
      hooks: [{ name: 'db', does: 'nothing' }]
    })
    const socket = net.connect({ port: app.port, host: '127.0.0.1', allowHalfOpen: true })
    t.after(() => socket.destroy())
    socket.write('GET /hung/1 HTTP/1.1\r\nHost: x\r\n\r\n')
    await app.message({ arrived: '/hung/1' })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 1)
    await app.message({ onClose: true })
    assert.deepEqual(
      [app.report.outcome, app.report.requests.cut.length, app.report.hooks[0]?.outcome],
      ['failed', 1, 'ok']
    )
  })

  test('a hung hook does not keep the others from running, and the report names it', async (t) => {
    const app = await startApp(t, {
      hooks: [
        { name: 'first', does: 'nothing' },
        { name: 'stuck', does: 'hang', timeout: 100 },
        { name: 'failing', does: 'throw' },
        { name: 'last', does: 'nothing' }
      ]
    })
    app.kill('SIGTERM')
    const { code } = await app.exited
    assert.equal(code, 1)
    await app.message({ onClose: true })
    assert.deepEqual(
      app.report.hooks.map(({ name, outcome }) => [name, outcome]),
      [
        ['last', 'ok'],
        ['failing', 'error'],
        ['stuck', 'timeout'],
        ['first', 'ok']
      ]
    )
    assert.equal(app.report.hooks[1]?.error?.message, 'failing threw')
    assert.equal(app.report.hooks[2]?.error?.code, 'FST_LIFECYCLE_HOOK_TIMEOUT')
  })

  test('8 MiB reach a client that starts to read 800 ms after the signal', async (t) => {
    const app = await startApp(t)
    const wire = new Wire(app.port)
    wire.socket.pause()
    wire.send('GET /big HTTP/1.1\nHost: x\n\n')
    await app.message({ arrived: '/big' })
    app.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 800))
    wire.socket.resume()

    assert.equal(await wire.ended, 'end')
    const [head, body] = wire.received.split('\r\n\r\n') as [string, string]
    assert.match(head, /^HTTP\/1.1 200 OK/)
    assert.equal(body.length, 8 * 1024 * 1024)
    assert.equal((await app.exited).code, 0)
  })

  test('a silent socket, half a request head and an idle connection hold nothing up', (t) =>
    inTime(t, async () => {
      const app = await startApp(t)
      const silent = new Wire(app.port)
      const half = new Wire(app.port)
      half.send('GET / HTTP/1.1\nHost:')
      await Promise.all([silent.connected, half.connected])
      const agent = new http.Agent({ keepAlive: true })
      assert.equal((await request(app.port, '/', { agent })).headers.connection, 'keep-alive')

      const signalled = app.kill('SIGTERM')
      const exit = await app.exited
      assert.equal(exit.code, 0)
      assert.equal(await silent.ended, 'end')
      assert.equal(await half.ended, 'end')
      assertWithin(exit.at - signalled, app.soon, 'the exit after the signal')
    }))

  test('a response whose headers are out already is finished, and its connection ended', async (t) => {
    const app = await startApp(t)
    const wire = new Wire(app.port)
    wire.send('GET /streamed/a HTTP/1.1\nHost: x\n\n')
    await app.message({ arrived: '/streamed/a' })
    app.kill('SIGTERM')
    await app.phase('draining')
    app.tell('answer a')
    assert.equal(await wire.ended, 'end')
    assert.match(wire.received, /first [\s\S]*last/)
    const { code } = await app.exited
    assert.equal(code, 0)
  })

  test('closing hooks run when nothing is in flight and the listener is closed', async (t) => {
    const app = await startApp(t, { hooks: [{ name: 'db', does: 'hold' }] })
    const answer = request(app.port, '/held/a')
    await app.message({ arrived: '/held/a' })
    app.kill('SIGTERM')
    await app.phase('draining')
    assert.equal((await request(app.port, '/metrics')).status, 200)
    app.tell('answer a')
    assert.equal((await answer).status, 200)
    await app.message({ hook: 'db', inFlight: 0 })
    await assert.rejects(request(app.port, '/'), { code: 'ECONNREFUSED' })
    app.tell('release db')
    assert.equal((await app.exited).code, 0)
  })

  test('works without a logger', async (t) => {
    const app = await startApp(t, { logger: false, hooks: [{ name: 'db', does: 'throw' }] })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 1)
    assert.deepEqual(app.logs, [])
  })
})
