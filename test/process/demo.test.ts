import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as fastify from 'fastify'
import { killGroup, startChild } from '../support/children.ts'

type Demo = ChildProcess & { readonly stdout: Readable; readonly stderr: Readable }

function startDemo(t: TestContext): Demo {
  const path = fileURLToPath(new URL('../../examples/demo/demo.js', import.meta.url))
  const { FORCE_COLOR: _, ...inherited } = process.env
  const env = { ...inherited, DEMO_LOAD: '1s', NO_COLOR: '1' }
  const demo = startChild(process.execPath, [path], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => killGroup(demo))
  return demo as Demo
}

const where = 'LogController' in fastify ? {} : { skip: 'the demo is written for Fastify 5.10 and later' }

describe('the demo', where, () => {
  test('shows an app without and with the plugin, and ends by itself with code 0', async (t) => {
    const demo = startDemo(t)
    const closed = once(demo, 'close')
    const [stdout, stderr] = await Promise.all([demo.stdout, demo.stderr].map(textOf))
    assert.deepEqual(await closed, [0, null], `${stdout}${stderr}`)
    assert.match(String(stdout), /✓ shutdown clean in [\d.]+ m?s \(SIGTERM\)/)
    assert.match(String(stdout), /✓ queue consumer[\s\S]*✓ outbox[\s\S]*✓ db/)
    assert.match(String(stdout), /\n {2}cut or lost +\d+ +0\n/)
    assert.match(
      String(stdout),
      /\n {2}the process has gone at +[\d.]+ s, (?:killed|code 0) +[\d.]+ s, code 0\n/
    )
    assert.match(String(stdout), /\n✓ With the plugin no request was lost, and the app ended in time\.\n$/)
    const rows = String(stdout).split('\n')
    assert.ok(
      rows.every((row) => row.length < 80),
      'each line fits into 80 columns'
    )
  })

  test('leaves no process behind after a Ctrl-C', async (t) => {
    const demo = startDemo(t)
    demo.stdout.resume()
    await firstOf(demo.stderr, 'load')
    demo.kill('SIGINT')
    // The drill writes to the same stderr, which closes when the drill and its app have gone.
    assert.deepEqual(await once(demo, 'close'), [130, null])
  })
})

async function textOf(stream: Readable): Promise<string> {
  const chunks = await stream.setEncoding('utf8').toArray()
  return chunks.join('')
}

async function firstOf(stream: Readable, text: string): Promise<void> {
  let seen = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    seen += chunk
  })
  while (!seen.includes(text)) await once(stream, 'data')
}
