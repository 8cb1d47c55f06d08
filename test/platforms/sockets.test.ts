import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { pageAndExpected, problemsOf, summarize } from '../sockets/results.ts'
import { type Run, type RunSetup, run } from '../sockets/run.ts'
import { hasProgram } from '../support/container.ts'
import { freePort } from '../support/free-port.ts'
import { withSignals } from '../support/program.ts'

if (!hasProgram('python3') && process.env['CI'] !== undefined && process.platform === 'linux') {
  throw new Error('there is no python3: install it')
}
const where = hasProgram('python3')
  ? withSignals
  : { skip: 'NOT CHECKED: there is no python3 on this machine' }

async function told(t: TestContext, setup: RunSetup): Promise<Run> {
  const result = await run(t, { clients: { keeping: 10, anew: 10 }, between: 50, ...setup })
  t.diagnostic(JSON.stringify(summarize(result)))
  return result
}

describe('a service that restarts under load', where, () => {
  test('refuses and loses nothing while somebody holds its socket', async (t) => {
    const result = await told(t, { restarts: 5 })
    assert.deepEqual(problemsOf(summarize(result)), [], JSON.stringify(result.failures))
    assert.equal(result.lostInCrash.length, 0)
    assert.deepEqual(
      result.restarts.map(({ code }) => code),
      [0, 0, 0, 0, 0]
    )
    assert.equal(result.reports.filter(({ handedOver }) => handedOver).length, 6)
  })

  test('loses in a crash only what was in flight', async (t) => {
    const result = await told(t, { restarts: 3, crashEvery: 2 })
    assert.deepEqual(problemsOf(summarize(result)), [], JSON.stringify(result.failures))
    assert.deepEqual(
      result.restarts.map(({ code }) => code),
      [0, -9, 0]
    )
  })

  test('refuses connections where nobody holds its socket: this load would notice', async (t) => {
    const { failures } = await told(t, { restarts: 1, port: await freePort() })
    assert.ok(failures.some(({ kind }) => kind === 'refused'))
  })
})

test('the table in docs/platforms/systemd.md is what `npm run soak -- sockets` has found', () => {
  const [page, expected] = pageAndExpected()
  assert.equal(page, expected)
})
