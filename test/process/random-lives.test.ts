import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppProcess } from '../support/app-process.ts'

test('whatever happens to one or two apps, in whatever order, each goes through its phases once', async (t) => {
  const fixture = new AppProcess('random-lives', {}, {})
  t.after(() => fixture.end())
  const { code } = await fixture.exited
  assert.equal(code, 0, fixture.stdout + fixture.stderr)
  assert.deepEqual(fixture.messages, [{ lives: 100 }])
})
