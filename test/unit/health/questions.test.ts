import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { LifecycleOptions } from '../../../index.ts'
import { Checks } from '../../../lib/health/checks.ts'
import { splitPath } from '../../../lib/health/question.ts'
import { request } from '../../support/client.ts'
import { makeApp, portOf } from '../../support/in-process.ts'

const fails = () => Promise.reject(new Error('no pool'))
const checks = {
  'main db': { check: fails, ttl: 0 },
  cache: { check: fails, ttl: 0, critical: false },
  search: { check: () => true, ttl: 0 },
  process: { check: () => true, ttl: 0, probe: 'live' }
} as const

/** Asks over the network, and by `inject`: both must say the same. */
async function asking(t: TestContext, options: LifecycleOptions) {
  const app = await makeApp(t, options)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const ask = async (path: string, headers = {}) => {
    const { status, body, headers: answered } = await request(portOf(app), path, { headers })
    const injected = await app.inject({ url: path, headers })
    assert.deepEqual([injected.statusCode, injected.body], [status, body])
    return { status, body, type: String(answered['content-type']) }
  }
  return { app, ask }
}

describe('a probe with details', () => {
  test('has a line for each check where it is asked to be verbose', async (t) => {
    const { app, ask } = await asking(t, { health: { details: true }, checks })
    const lines = [
      '[+]phase ready',
      '[-]main db failed: reason withheld',
      '[-]cache failed: reason withheld (not critical)',
      '[+]search ok',
      'ready check failed'
    ]
    const { status, body, type } = await ask('/readyz?verbose')
    assert.deepEqual([status, body.trimEnd().split('\n')], [503, lines])
    assert.match(type, /^text\/plain/)
    assert.equal((await ask('/livez?verbose')).body, '[+]process ok\nlive check passed\n')
    const release = app.lifecycle.hold('warm-up')
    assert.match((await ask('/readyz?verbose')).body, /^\[\+\]phase ready\n\[-\]hold warm-up\n/)
    release()
    const json = await ask('/readyz?verbose', { accept: 'application/json' })
    assert.equal(JSON.parse(json.body).status, 'unavailable')
  })

  test('says why with `errors`', async (t) => {
    const { ask } = await asking(t, { health: { details: 'errors' }, checks })
    assert.match((await ask('/readyz?verbose')).body, /\n\[-\]main db failed: no pool\n/)
  })

  test('leaves checks out of the verdict, and nothing else', async (t) => {
    const { app, ask } = await asking(t, { health: { details: true }, checks })
    assert.equal((await ask('/readyz?exclude=search')).status, 503)
    assert.equal((await ask('/readyz?exclude=main%20db')).status, 200)
    const { status, body } = await ask('/readyz?verbose&exclude=search&exclude=main+db')
    assert.equal(status, 200)
    assert.match(
      body,
      /\n\[\+\]main db excluded: failed\n.*\n\[\+\]search excluded: ok\nready check passed\n$/
    )
    assert.equal((await ask('/livez?exclude=process')).status, 200)
    const release = app.lifecycle.hold('warm-up')
    assert.equal((await ask('/readyz?exclude=main%20db')).status, 503)
    release()
  })

  test('has a path for each of its checks', async (t) => {
    const { ask } = await asking(t, { health: { details: true }, checks })
    const db = await ask('/readyz/main%20db')
    assert.equal(db.status, 503)
    assert.deepEqual(JSON.parse(db.body).checks, { 'main db': { state: 'failing', critical: true } })
    assert.equal('holds' in JSON.parse(db.body), false)
    assert.equal((await ask('/readyz/cache')).status, 503)
    assert.equal((await ask('/readyz/search?verbose')).body.includes('main db'), false)
    assert.equal((await ask('/readyz/search')).status, 200)
    assert.equal((await ask('/livez/process')).status, 200)
    for (const path of ['/readyz/process', '/readyz/none', '/readyz/', '/elsewhere/search', '/readyz/%zz']) {
      const { status } = await ask(path)
      assert.ok(status === 404 || status === 400, `${path}: ${status}`)
    }
  })
})

test('without details a probe answers nothing more', async (t) => {
  const { ask } = await asking(t, { checks })
  assert.deepEqual(JSON.parse((await ask('/readyz?verbose')).body), { status: 'unavailable', phase: 'ready' })
  assert.equal((await ask('/readyz?exclude=main%20db')).status, 503)
  assert.equal((await ask('/readyz/search')).status, 404)
})

test('a probe at the root has no paths below it', async (t) => {
  const { app, ask } = await asking(t, { health: { live: '/', details: true }, checks })
  assert.equal((await ask('/')).status, 200)
  assert.equal((await ask('/process')).status, 404)
  assert.equal(app.hasRoute({ method: 'GET', url: '/:check' }), false)
})

test('a path is split at its last segment', () => {
  assert.deepEqual(splitPath('/readyz/db?verbose'), ['/readyz', 'db'])
  assert.deepEqual(splitPath('/a/b/main%20db'), ['/a/b', 'main db'])
  for (const path of ['/readyz', '/readyz/', 'readyz', '/readyz/%']) assert.equal(splitPath(path), undefined)
})

describe('a check with a failure threshold', () => {
  const flapping = (failureThreshold: number) => {
    let isGood = true
    const events: string[] = []
    const all = new Checks(({ state }) => events.push(state))
    all.add('db', { check: () => isGood, ttl: 0, failureThreshold })
    const run = async (good: boolean) => {
      isGood = good
      await all.refresh('ready')
      return all.areGood('ready')
    }
    return { run, events }
  }

  test('fails when it has failed so many times in a row', async () => {
    const { run, events } = flapping(3)
    const seen = []
    for (const good of [true, false, false, true, false, false, false, false, true])
      seen.push(await run(good))
    assert.deepEqual(seen, [true, true, true, true, true, true, false, false, true])
    assert.deepEqual(events, ['ok', 'failing', 'ok'])
  })

  test('gets no credit before it was well once', async () => {
    const { run } = flapping(3)
    assert.equal(await run(false), false)
  })

  test('must be a whole number, at least 1', () => {
    for (const failureThreshold of [0, 1.5, Number.NaN, '3' as never]) {
      assert.throws(() => flapping(failureThreshold), { code: 'FST_LIFECYCLE_OPTION_INVALID' })
    }
  })
})
