import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { LifecycleOptions } from 'fastify-lifecycle'
import { request } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'
import { aLongTime, inTime, Late } from '../support/in-time.ts'
import { compiled, Program, source, withSignals } from '../support/program.ts'

// The real nodemon. It restarts the app at each change, with SIGUSR2 unless it is told otherwise.

const path = source('node_modules/nodemon/bin/nodemon.js')
const withNodemon = existsSync(path) ? withSignals : { skip: 'NOT CHECKED: it takes nodemon; run `npm ci`' }

async function startNodemon(t: TestContext, flags: readonly string[] = [], options: LifecycleOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'watched-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'app.mjs')
  writeFileSync(file, `import ${JSON.stringify(compiled('test/fixtures/platforms/service'))}\n`)
  const port = await freePort()
  const env = {
    LIFECYCLE_OPTIONS: JSON.stringify({ deadline: aLongTime, ...options }),
    PORT: String(port),
    WARM: 'yes'
  }
  const args = [path, '--watch', directory, ...flags, file]
  const nodemon = new Program(t, process.execPath, args, env)
  await nodemon.said('Server listening')
  const change = () => writeFileSync(join(directory, 'changed.js'), `// ${performance.now()}`)
  return { nodemon, port, change }
}

describe('under nodemon', withNodemon, () => {
  for (const [signal, flags, options] of [
    ['SIGTERM', ['--signal', 'SIGTERM'], {}],
    ['SIGUSR2', [], { signals: ['SIGTERM', 'SIGINT', 'SIGUSR2'] }]
  ] as const) {
    test(`that restarts with ${signal}, a change waits for the request in flight and the hooks`, async (t) => {
      // Its route ends at a signal which would be taken for the restart here, so the request is a slow one.
      const { nodemon, port, change } = await startNodemon(t, flags, options)
      const answer = request(port, '/slow/1500')
      await nodemon.said('incoming request')
      change()
      assert.equal((await answer).status, 200)
      await nodemon.said('Server listening', 2)
      const [report, ...others] = nodemon.reports
      assert.deepEqual(others, [])
      assert.equal(report?.outcome, 'clean')
      assert.deepEqual(report.reason, { type: 'signal', signal })
      // The new process listens when the old one has gone.
      const texts = nodemon.logs.map(({ msg }) => msg)
      assert.ok(
        texts.indexOf('closed') < texts.lastIndexOf(texts.find((msg) => /^Server/.test(msg)) as string)
      )
    })
  }

  test('as it comes, a change ends the app at once', async (t) => {
    const { nodemon, change } = await startNodemon(t)
    change()
    await nodemon.said('Server listening', 2)
    assert.deepEqual(nodemon.reports, [])
  })

  test('a Ctrl-C, which comes from the terminal and from nodemon, makes a clean end', (t) =>
    inTime(t, async () => {
      const { nodemon, port } = await startNodemon(t)
      const answer = request(port, '/slow/1500').catch(() => undefined)
      await nodemon.said('incoming request')
      nodemon.killGroup('SIGINT')
      await Promise.all([answer, nodemon.exited])
      const [report] = nodemon.reports
      // For the app it is a second Ctrl-C if nodemon takes longer than half a second to pass it on.
      if (report?.outcome === 'abandoned') throw new Late('the signal of nodemon')
      assert.equal(report?.outcome, 'clean')
      assert.equal((await answer)?.status, 200)
    }))
})
