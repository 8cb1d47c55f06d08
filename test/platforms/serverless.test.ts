import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Program } from '../support/program.ts'

const fixtures = fileURLToPath(new URL('../fixtures/serverless/', import.meta.url))

describe('an app that never listens', () => {
  test('starts no thread and no timer, and keeps no process alive', async (t) => {
    const program = new Program(t, process.execPath, [`${fixtures}inject-only.js`])
    assert.deepEqual(await program.exited, { code: 0, signal: null })
    const { status, phase, before, after } = JSON.parse(program.output)
    assert.deepEqual([status, phase], [200, 'ready'])
    assert.equal(after.threads, before.threads)
    assert.doesNotMatch(after.resources, /Timeout|MessagePort|TCPSERVERWRAP/)
  })

  test('leaves nothing behind, a thousand times', async (t) => {
    const program = new Program(t, process.execPath, ['--expose-gc', `${fixtures}many-apps.js`])
    assert.deepEqual(await program.exited, { code: 0, signal: null })
    const { apps, left, listeners } = JSON.parse(program.output)
    assert.equal(apps, 1_000)
    assert.equal(listeners, 0)
    assert.ok(left < 20, `${left} apps are still in memory`)
  })
})

test('a Lambda function with an extension gets SIGTERM, and shuts down', {
  skip: process.platform === 'win32'
}, async (t) => {
  const lambda = new Program(t, process.execPath, [`${fixtures}runtime.js`], { SHUTDOWN_MS: '8000' })
  await lambda.prints(/answered 200 {"hello":"lambda"}/)
  lambda.kill('SIGTERM')
  assert.deepEqual(await lambda.exited, { code: 0, signal: null })
  assert.match(lambda.output, /the last metrics are sent.*shutdown clean/s)
})
