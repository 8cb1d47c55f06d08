import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { lifeOf } from '../../../testing/app.ts'
import { latch, makeApp, phaseOf } from '../../support/in-process.ts'
import { aLongTime } from '../../support/in-time.ts'

describe('tracked work', () => {
  test('keeps the drain waiting, in each of its forms, and is counted', async (t) => {
    const app = await makeApp(t, { drainTimeout: aLongTime / 2 })
    const [mail, index, rows] = [latch(), latch(), latch()]
    const { lifecycle } = app
    assert.equal(await lifecycle.track(Promise.resolve('before'), 'before'), 'before')
    const results = Promise.all([
      lifecycle.track(
        mail.opened.then(() => 'mail'),
        'mail'
      ),
      lifecycle.track(async function reindex() {
        await index.opened
        return 'index'
      }),
      (async () => {
        using work = lifecycle.track('import')
        assert.equal(work.name, 'import')
        assert.equal(work.signal.aborted, false)
        await rows.opened
      })()
    ])
    const closed = app.close()
    await phaseOf(app, 'draining')
    mail.open()
    index.open()
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(lifecycle.phase, 'draining')
    rows.open()
    await closed
    assert.deepEqual(await results, ['mail', 'index', undefined])
    assert.deepEqual(lifecycle.report?.work, {
      inFlight: 3,
      completed: 3,
      failed: 0,
      refused: 0,
      cut: [],
      cutCount: 0
    })
    assert.equal(lifecycle.report?.outcome, 'clean')
    // A drain that nobody wakes goes on for as long as it may take.
    assert.ok(lifecycle.report.duration < aLongTime / 2)
  })

  test('is reported by its oldest pieces, as many as wanted', async (t) => {
    const app = await makeApp(t)
    const pieces = ['one', 'two', 'three'].map((name) => app.lifecycle.track(name))
    assert.deepEqual(
      [0, 2, 9].map((count) =>
        lifeOf(app)
          .work.first(count)
          .map(({ name }) => name)
      ),
      [[], ['one', 'two'], ['one', 'two', 'three']]
    )
    for (const piece of pieces) piece.end()
  })

  test('fails as it would without being tracked', async (t) => {
    const app = await makeApp(t)
    const begun = latch()
    const failing = app.lifecycle.track(async () => {
      await begun.opened
      throw new Error('no mail today')
    }, 'mail')
    const thrown = app.lifecycle.track(() => {
      throw new Error('at once')
    })
    await assert.rejects(thrown, /at once/)
    const closed = app.close()
    begun.open()
    await assert.rejects(failing, /no mail today/)
    await closed
    assert.equal(app.lifecycle.report?.work.failed, 1)
    assert.equal(app.lifecycle.report?.outcome, 'clean')
  })

  test('gets a signal when its time is up, and may end then; what goes on is named', async (t) => {
    const app = await makeApp(t, { drainTimeout: 50 })
    const stopping = app.lifecycle.track(
      ({ signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason))),
      'polite'
    )
    app.lifecycle.track('stuck')
    const job = app.lifecycle.track('ended twice')
    job.end()
    job.end()
    await app.close()
    const reason = (await stopping) as Error & { code: string }
    assert.equal(reason.code, 'FST_LIFECYCLE_TRACK_TIMEOUT')
    assert.match(reason.message, /'polite'.*50 ms/)
    const { work, outcome, exitCode, alive } = app.lifecycle.report as NonNullable<
      typeof app.lifecycle.report
    >
    assert.deepEqual([work.inFlight, work.completed, work.cut.map(({ name }) => name)], [2, 1, ['stuck']])
    assert.ok((work.cut[0]?.age as number) >= 50)
    assert.deepEqual([outcome, exitCode], ['failed', 1])
    assert.ok(Array.isArray(alive))
  })

  test('is accepted as long as the drain lasts, and from closing on refused', async (t) => {
    const app = await makeApp(t)
    const [step, last] = [latch(), latch()]
    let isCalled = false
    app.onShutdown('late', () => {
      assert.throws(() => app.lifecycle.track(() => (isCalled = true), 'late'), {
        code: 'FST_LIFECYCLE_TRACK_TOO_LATE',
        message: /'late'.*`lameDuck`/
      })
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const job = app.lifecycle.track(async () => {
      await step.opened
      // One step begins when the one before has ended.
      await app.lifecycle.track(last.opened, 'a step')
      await app.lifecycle.track(() => Promise.resolve(), 'the next')
      return 'whole'
    }, 'job')
    const closed = app.close()
    await phaseOf(app, 'draining')
    const beside = app.lifecycle.track(Promise.resolve('beside'))
    step.open()
    last.open()
    assert.deepEqual(await Promise.all([job, beside]), ['whole', 'beside'])
    await closed
    assert.equal(isCalled, false)
    const { work, outcome } = app.lifecycle.report ?? {}
    assert.deepEqual(work, { inFlight: 1, completed: 4, failed: 0, refused: 1, cut: [], cutCount: 0 })
    assert.equal(outcome, 'failed')
  })

  test('is accepted and waited for as long as a hook holds the drain open', async (t) => {
    const app = await makeApp(t)
    const [asked, held, done] = [latch(), latch(), latch()]
    app.onShutdown('held', { phase: 'draining', timeout: aLongTime }, async () => {
      asked.open()
      await held.opened
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const closed = app.close()
    await asked.opened
    // The drain itself is over: nothing was in flight.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    const job = app.lifecycle.track(done.opened, 'a job that a last fetch has delivered')
    held.open()
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(app.lifecycle.phase, 'draining')
    done.open()
    await job
    await closed
    const { work, outcome } = app.lifecycle.report ?? {}
    assert.deepEqual([work?.completed, work?.refused, outcome], [1, 0, 'clean'])
  })

  test('is refused once the time of the drain has cut other work, though a hook holds the phase open', async (t) => {
    const app = await makeApp(t, { drainTimeout: 0 })
    const [cut, held] = [latch(), latch()]
    app.onShutdown('held', { phase: 'draining', timeout: aLongTime }, () => held.opened)
    app.lifecycle.track(({ signal }) => {
      signal.addEventListener('abort', () => setTimeout(cut.open, 200))
      return new Promise(() => {})
    }, 'stuck')
    const closed = app.close()
    await cut.opened
    assert.throws(() => app.lifecycle.track('late'), { code: 'FST_LIFECYCLE_TRACK_TOO_LATE' })
    held.open()
    await closed
    const { work, outcome } = app.lifecycle.report ?? {}
    assert.deepEqual([work?.cutCount, work?.refused, outcome], [1, 1, 'failed'])
  })

  test('that was refused is named in the log, twenty times at most', async (t) => {
    const lines: { code?: string; work?: string }[] = []
    const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
    const app = await makeApp(t, {}, { logger: { stream } })
    await app.close()
    for (let count = 0; count < 30; count++) assert.throws(() => app.lifecycle.track(`job ${count}`))
    const refused = lines.filter(({ code }) => code === 'LIFECYCLE_REFUSED')
    assert.deepEqual([refused.length, refused[19]?.work], [20, 'job 19'])
  })

  test('that is none is a coded error', async (t) => {
    const app = await makeApp(t)
    const track = app.lifecycle.track.bind(app.lifecycle) as (...given: unknown[]) => unknown
    for (const [given, message] of [
      [[undefined], /a promise, a function or a name, but got undefined/],
      [[''], /a promise, a function or a name/],
      [['mail', 'again'], /a promise, a function or a name/],
      [[Promise.resolve(), { name: '' }], /not empty/],
      [[Promise.resolve(), { request: {} }], /a request of Fastify/],
      [[{}], /the object \{\}/],
      [[Promise.resolve(), 1], /a name that is a string.*the number 1/],
      [[Promise.resolve(), ''], /not empty/]
    ] as const) {
      assert.throws(() => track(...given), { code: 'FST_LIFECYCLE_TRACK_INVALID', message })
    }
  })
})
