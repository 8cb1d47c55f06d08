import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { latch, makeApp, phaseOf, portOf } from '../support/in-process.ts'

describe('tracked work', () => {
  // Not for as long as it may take: a drain that nobody wakes would go on for a minute.
  test('keeps the drain waiting, in each of its forms, and is counted', { timeout: 30_000 }, async (t) => {
    const app = await makeApp(t, { deadline: 120_000, drainTimeout: 60_000 })
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
    assert.deepEqual(lifecycle.report?.work, { inFlight: 3, completed: 3, failed: 0, refused: 0, cut: [] })
    assert.equal(lifecycle.report?.outcome, 'clean')
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

  test('is told when its time is up, and may end then; what goes on is left behind and named', async (t) => {
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

  test('is accepted during the drain where a request is in flight that it may belong to, and refused after it', async (t) => {
    const app = await makeApp(t)
    const [arrived, answer, mailed] = [latch(), latch(), latch()]
    app.get('/', async () => {
      arrived.open()
      await answer.opened
      app.lifecycle.track(mailed.opened, 'mail')
      return 'ok'
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const answered = fetch(`http://127.0.0.1:${portOf(app)}/`)
    await arrived.opened
    const closed = app.close()
    await phaseOf(app, 'draining')
    answer.open()
    assert.equal(await (await answered).text(), 'ok')
    let called = false
    assert.throws(() => app.lifecycle.track(() => (called = true), 'more'), {
      code: 'FST_LIFECYCLE_TRACK_TOO_LATE',
      message: /'more'/
    })
    assert.equal(called, false)
    mailed.open()
    await closed
    assert.throws(() => app.lifecycle.track('later'), { code: 'FST_LIFECYCLE_TRACK_TOO_LATE' })
    assert.deepEqual(app.lifecycle.report?.work, {
      inFlight: 0,
      completed: 1,
      failed: 0,
      refused: 1,
      cut: []
    })
  })

  test('that is none is a coded error', async (t) => {
    const app = await makeApp(t)
    const track = app.lifecycle.track.bind(app.lifecycle) as (...given: unknown[]) => unknown
    for (const [given, message] of [
      [[undefined], /a promise, a function or a name, but got undefined/],
      [[''], /a promise, a function or a name/],
      [['mail', 'again'], /a promise, a function or a name/],
      [[{}], /the object \{\}/],
      [[Promise.resolve(), 1], /a name that is a string.*the number 1/],
      [[Promise.resolve(), ''], /not empty/]
    ] as const) {
      assert.throws(() => track(...given), { code: 'FST_LIFECYCLE_TRACK_INVALID', message })
    }
  })
})
