import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import closeWithGrace from 'close-with-grace'
import { graceDelay, isRunByFastifyCLI, takeOver } from '../../../lib/process/fastify-cli.ts'
import { mismatchOf } from '../../../lib/process/kill-timeout.ts'
import { compiled, source } from '../../support/program.ts'

/** What fastify-cli installs. */
function install(t: TestContext): void {
  const grace = closeWithGrace({ delay: 500 }, async () => {})
  t.after(() => grace.uninstall())
}

/** A command line as the system shows it. */
function commandLine(t: TestContext, ...args: string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'cmdline-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'cmdline')
  writeFileSync(file, ['node', 'fastify', 'start', ...args, ''].join('\0'))
  return file
}

describe('fastify-cli', () => {
  test('is known by the script that was started, behind every link to it', () => {
    assert.equal(isRunByFastifyCLI(source('node_modules/.bin/fastify')), true)
    assert.equal(isRunByFastifyCLI(source('node_modules/fastify-cli/lib/watch/fork.js')), true)
    assert.equal(isRunByFastifyCLI(compiled('test/unit/fastify-cli.test')), false)
    assert.equal(isRunByFastifyCLI(), false)
    assert.equal(isRunByFastifyCLI('/nowhere/fastify-cli/cli.js'), false)
    assert.equal(isRunByFastifyCLI([].at(0)), false)
  })

  test('waits as long as its flag says, or its variable, or 500 ms', (t) => {
    install(t)
    assert.equal(graceDelay({}, commandLine(t, 'app.js')), 500)
    assert.equal(graceDelay({}, '/nowhere'), 500)
    for (const flag of [['--close-grace-delay', '7000'], ['--close-grace-delay=7000'], ['-g', '7000']]) {
      assert.equal(graceDelay({ FASTIFY_CLOSE_GRACE_DELAY: '1' }, commandLine(t, ...flag, 'app.js')), 7_000)
    }
    assert.equal(graceDelay({ FASTIFY_CLOSE_GRACE_DELAY: '800' }, commandLine(t, 'app.js')), 800)
  })

  test('ends nothing where its handler is not there', () => {
    assert.equal(graceDelay({}), undefined)
    assert.equal(mismatchOf(9_000, {}, true), undefined)
  })

  test('is a mismatch where its handler is, and it is too short', (t) => {
    install(t)
    const expected = { platform: 'fastify-cli', setting: '--close-grace-delay', kill: 500, wanted: 10_000 }
    assert.deepEqual(mismatchOf(9_000, {}, true), expected)
    assert.equal(mismatchOf(500, {}, true), undefined)
    assert.equal(mismatchOf(9_000, {}), undefined)
  })

  test('loses what the app listens to, and keeps the rest', (t) => {
    const [before, exceptionsBefore] = [
      process.listenerCount('SIGINT'),
      process.listenerCount('uncaughtException')
    ]
    install(t)
    takeOver({ signals: ['SIGTERM'], crashes: false })
    assert.equal(process.listenerCount('SIGTERM'), 0)
    assert.equal(process.listenerCount('SIGINT'), before + 1)
    assert.equal(process.listenerCount('uncaughtException'), exceptionsBefore + 1)
    takeOver({ signals: ['SIGTERM', 'SIGINT'], crashes: true })
    assert.equal(process.listenerCount('SIGINT'), before)
    assert.equal(process.listenerCount('uncaughtException'), exceptionsBefore)
    takeOver({ signals: ['SIGTERM', 'SIGINT'], crashes: true })
  })

  test('keeps everything where the app has such a handler, too, because they look the same', (t) => {
    install(t)
    install(t)
    takeOver({ signals: ['SIGTERM'], crashes: true })
    assert.equal(process.listenerCount('SIGTERM'), 2)
  })
})
