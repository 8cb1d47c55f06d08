import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'
import { withPackages } from '../support/companions.ts'

const where = await withPackages('@sentry/node')

describe('a rejection in an app with @sentry/node, sensible, helmet and cors', where, () => {
  for (const lifecycleLast of [false, true]) {
    test(`is an answer with all headers, and no event, registered ${lifecycleLast ? 'behind' : 'before'} them`, async (t) => {
      const app = await startApp(
        t,
        { lifecycleLast, hooks: [{ name: 'drain', phase: 'draining', does: 'hold' }] },
        { fixture: 'companions/sentry' }
      )
      assert.equal((await request(app.port, '/fails')).status, 500)
      // Sentry hears of what fails.
      await app.message({ event: 'of the app' })
      app.kill('SIGTERM')
      await app.phase('draining')
      const headers = { origin: 'https://example.org' }
      for (const path of ['/', '/nowhere']) {
        const rejected = await request(app.port, path, { headers })
        assert.equal(rejected.status, 503)
        assert.equal(JSON.parse(rejected.body).code, 'FST_LIFECYCLE_DRAINING')
        assert.equal(rejected.headers['access-control-allow-origin'], 'https://example.org')
        assert.ok(rejected.headers['content-security-policy'])
      }
      app.tell('release drain')
      assert.equal((await app.exited).code, 0)
      assert.deepEqual(
        app.messages.filter((message) => 'event' in message),
        [{ event: 'of the app' }]
      )
      const errors = app.logs.filter(({ level }) => level >= 50)
      assert.equal(errors.length, 0, app.stdout)
      assert.equal(app.report.requests.rejected, 2)
    })
  }
})
