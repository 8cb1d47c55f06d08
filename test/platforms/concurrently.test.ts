import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { request } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'
import { aLongTime } from '../support/in-time.ts'
import { compiled, Program, source, withSignals } from '../support/program.ts'

// The real concurrently. With `--kill-others` it sends SIGTERM to all others each time that a command ends.

const path = source('node_modules/concurrently/dist/bin/concurrently.js')
const withConcurrently = existsSync(path)
  ? withSignals
  : { skip: 'NOT CHECKED: it takes concurrently; run `npm ci`' }

/** It runs the app beside two commands that end at once at a signal. With `exec` no shell stands in between. */
async function startConcurrently(t: TestContext) {
  const app = `exec ${process.execPath} ${compiled('test/fixtures/platforms/service')}`
  const port = await freePort()
  const args = [path, '--prefix', 'none', '--kill-others', app, 'sleep 600', 'sleep 700']
  const concurrently = new Program(t, process.execPath, args, {
    LIFECYCLE_OPTIONS: JSON.stringify({ deadline: aLongTime, lameDuck: 0 }),
    PORT: String(port),
    WARM: 'yes'
  })
  await concurrently.said('Server listening')
  const { pid } = JSON.parse((await request(port, '/')).body)
  return { concurrently, port, pid }
}

describe('under concurrently --kill-others, which repeats the signal', withConcurrently, () => {
  for (const [signal, exitCode] of [
    ['SIGTERM', 1],
    ['SIGINT', 0]
  ] as const) {
    test(`the request in flight at ${signal} is answered, and the app exits with 0`, async (t) => {
      const { concurrently, port, pid } = await startConcurrently(t)
      const answer = request(port, '/held')
      await concurrently.said('arrived at /held')
      concurrently.kill(signal)
      await concurrently.wrote('Sending SIGTERM to other processes', 2)
      // The request ends at this signal.
      process.kill(pid, 'SIGUSR2')
      assert.equal((await answer).status, 200)
      // Its own code says how the other commands ended.
      assert.deepEqual(await concurrently.exited, { code: exitCode, signal: null })
      const [report, ...others] = concurrently.reports
      assert.deepEqual(others, [])
      assert.deepEqual([report?.outcome, report?.exitCode], ['clean', 0])
      assert.deepEqual(report?.reason, { type: 'signal', signal })
    })
  }
})
