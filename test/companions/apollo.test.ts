import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { type AppProcess, startApp } from '../support/app-process.ts'
import { type Answer, request } from '../support/client.ts'
import { withPackages } from '../support/companions.ts'

const where = await withPackages('@apollo/server', '@as-integrations/fastify')

interface Asked {
  readonly app: AppProcess
  readonly answers: Promise<Answer[]>
}

/** An app with five queries in flight, in which Apollo may stop at a signal by itself. */
async function withQueriesInFlight(t: TestContext, stopsAtSignals: boolean): Promise<Asked> {
  const app = await startApp(t, { stopsAtSignals }, { fixture: 'companions/apollo' })
  const query = () =>
    request(app.port, '/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ slow }' })
    })
  const answers = Promise.all(Array.from({ length: 5 }, query))
  await app.message({ arrived: 'slow' }, 5)
  return { app, answers }
}

async function allAreAnswered({ app, answers }: Asked): Promise<void> {
  for (const { status, body } of await answers) {
    assert.equal(status, 200)
    assert.deepEqual(JSON.parse(body), { data: { slow: 42 } })
  }
  assert.deepEqual(await endOf(app), { code: 0, signal: null })
  const { outcome, requests, reason } = app.report
  assert.deepEqual([outcome, requests.completed, requests.cutCount], ['clean', 5, 0])
  assert.deepEqual(reason, { type: 'signal', signal: 'SIGTERM' })
}

async function endOf(app: AppProcess): Promise<object> {
  const { code, signal } = await app.exited
  return { code, signal }
}

describe('an app with Apollo Server and its drain plugin, which closes the app', where, () => {
  for (const [how, stopsAtSignals] of [
    ['where the shutdown alone stops Apollo', false],
    ['where Apollo stops at the signal by itself, too', true]
  ] as const) {
    test(`answers the queries in flight ${how}`, async (t) => {
      const asked = await withQueriesInFlight(t, stopsAtSignals)
      asked.app.kill('SIGTERM')
      await asked.app.phase('draining')
      asked.app.tell('answer')
      await allAreAnswered(asked)
      if (!stopsAtSignals) assert.ok(asked.app.messages.some(({ stopped }) => stopped === 'apollo'))
    })
  }
})
