import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as fastify from 'fastify'

type Demo = ChildProcessByStdio<null, Readable, Readable>

function startDemo(t: TestContext): Demo {
  const path = fileURLToPath(new URL('../../examples/demo/demo.js', import.meta.url))
  const { FORCE_COLOR: _, ...inherited } = process.env
  const env = { ...inherited, DEMO_LOAD: '1000', NO_COLOR: '1' }
  const demo = spawn(process.execPath, [path], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => demo.kill('SIGKILL'))
  return demo
}

const where = 'LogController' in fastify ? {} : { skip: 'the demo is written for Fastify 5.10 and later' }

describe('the demo', where, () => {
  test('shows that nothing is lost, and ends by itself with code 0', async (t) => {
    const demo = startDemo(t)
    const closed = once(demo, 'close')
    const [stdout, stderr] = await Promise.all([demo.stdout, demo.stderr].map(textOf))
    assert.equal(stderr, '')
    assert.match(String(stdout), /lameDuck: .*\n[\s\S]*draining: .*\n[\s\S]*closing: .*\n[\s\S]*closed: /)
    assert.match(String(stdout), /✓ shutdown clean · SIGTERM/)
    assert.match(String(stdout), /✓ queue consumer[\s\S]*✓ outbox[\s\S]*✓ db/)
    assert.match(String(stdout), / 0 were lost\n/)
    assert.match(String(stdout), /the exit code was 0\.\n\nNothing was lost\.\n$/)
    assert.deepEqual(await closed, [0, null])
  })

  test('leaves no process behind after a Ctrl-C', { timeout: 20_000 }, async (t) => {
    const demo = startDemo(t)
    await firstOf(demo.stdout, ' served ')
    demo.kill('SIGINT')
    // Its children write to the same stderr, which closes when the last of them is gone.
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
